import {
  type Classifier,
  crossEntropy,
  dlr,
  type Images,
  type Labels,
  margin,
  misclassified,
  valueAndGradient,
} from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { followable } from "../engine/not-a-number";
import { leastClasses, type StageName } from "./stage-names";
import type { Flag, StageReport } from "./report";

const advice: Readonly<Record<Flag["kind"], string>> = {
  randomised:
    'The same images give different logits: attack the expectation with version "rand", and report several evaluations.',
  stateful:
    "The logits of an image change after other images have been seen: a defence that adapts while it is tested wants an attack of its own.",
  "batch-dependent":
    'The logits of an image depend on its batch: is batch normalisation in mode "eval"? Figures hold for this batch size only.',
  "softmax-output":
    "The outputs are probabilities, which hide the gradient where they saturate: hand over the logits before the softmax.",
  "zero-gradient":
    "The gradient of the loss is exactly zero on some images: gradients are masked, so believe Square and attacks that adapt, not those by gradient.",
  "few-classes":
    "Losses that compare three or four classes cannot be taken: their stages are left out or have fewer targets.",
  "not-a-number":
    "The classifier answers NaN on some images, clean or adversarial; they count as wrong. Where NaN comes from is a fault to mend first: attacks by gradient find no way on from it.",
  "square-lowers-minimum":
    "Square, which uses no gradient, breaks what attacks by gradient left: gradients are masked, so the true robustness may be lower still.",
};

function flag(kind: Flag["kind"]): Flag {
  return { kind, advice: advice[kind] };
}

/** Checks the classifier on a first batch; the images and labels stay the caller's. */
export async function classifierFlags(
  classifier: Classifier,
  images: Images,
  labels: Labels,
  { expectRandom }: { readonly expectRandom: boolean },
): Promise<Flag[]> {
  const kinds: Flag["kind"][] = [];
  const single = tf.slice(images, [0, 0, 0, 0], [1, -1, -1, -1]);
  try {
    const first = await logitsOf(classifier, single);
    const again = [first];
    for (let run = 1; run < 5; run++) again.push(await logitsOf(classifier, single));
    const randomised = again.some((logits) => differs(first, logits));
    if (randomised && !expectRandom) kinds.push("randomised");

    const batch = await logitsOf(classifier, images);
    if (!randomised) {
      if (differs(first, await logitsOf(classifier, single))) kinds.push("stateful");
      else if (differs(first, batch.slice(0, first.length))) kinds.push("batch-dependent");
    }
    if (isSoftmax(batch, first.length)) kinds.push("softmax-output");
    if (await hasZeroGradient(classifier, images, labels, first.length)) kinds.push("zero-gradient");
    if (first.length < leastClasses["apgd-t"]) kinds.push("few-classes");
  } finally {
    single.dispose();
  }
  return kinds.map(flag);
}

/** The flag of the answers to the clean images and to what was found: `nan` is 1 for an example with one that is NaN. */
export function answerFlags(nan: Int32Array): Flag[] {
  return nan.includes(1) ? [flag("not-a-number")] : [];
}

/** The flag of the stages themselves: the reference's threshold is 0.2 % of the examples. */
export function stageFlags(stages: readonly StageReport[], examples: number): Flag[] {
  const square = stages.findIndex(({ name }) => name === "square");
  const byGradient = (names: readonly StageName[]): boolean => names.some((name) => name !== "square");
  const found = stages[square];
  if (found === undefined || !byGradient(stages.slice(0, square).map(({ name }) => name))) return [];
  return found.broken > 0.002 * examples ? [flag("square-lowers-minimum")] : [];
}

async function logitsOf(classifier: Classifier, images: Images): Promise<Float32Array> {
  const logits = tf.tidy(() => classifier(images));
  try {
    return (await logits.data()) as Float32Array;
  } finally {
    logits.dispose();
  }
}

/** Whether two answers differ by more than arithmetic does, relative to their length. */
function differs(a: Float32Array, b: Float32Array): boolean {
  const length = (values: Float32Array): number => Math.hypot(...values) || 1;
  const [lengthA, lengthB] = [length(a), length(b)];
  return Math.hypot(...a.map((value, i) => value / lengthA - (b[i] as number) / lengthB)) > 1e-4;
}

function isSoftmax(logits: Float32Array, classes: number): boolean {
  const tolerance = 1e-5;
  if (!logits.every((value) => value >= -tolerance && value <= 1 + tolerance)) return false;
  for (let row = 0; row < logits.length; row += classes) {
    const sum = logits.subarray(row, row + classes).reduce((total, value) => total + value, 0);
    if (Math.abs(sum - 1) > tolerance) return false;
  }
  return true;
}

/** Whether the gradient of the loss that the attacks would take is 0 somewhere: DLR where there are classes enough for it, which no scale of the logits saturates. */
async function hasZeroGradient(
  classifier: Classifier,
  images: Images,
  labels: Labels,
  classes: number,
): Promise<boolean> {
  const loss = classes >= 3 ? dlr : classes === 2 ? margin : crossEntropy;
  const zero = tf.tidy(() => {
    const { gradient } = valueAndGradient((x: Images) => loss(classifier(x), labels), images);
    const flat = tf.equal(tf.sum(tf.abs(followable(gradient)), [1, 2, 3]), 0);
    // Where the label comes third already, DLR is 1 whatever the image.
    return tf.any(tf.logicalAnd(flat, tf.logicalNot(tf.cast(misclassified(classifier(images), labels), "bool"))));
  });
  try {
    return (await zero.data())[0] === 1;
  } finally {
    zero.dispose();
  }
}
