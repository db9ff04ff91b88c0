import { apgd, apgdCheckpoints, crossEntropyObjective, dlrObjective } from "@awp/attacks";
import { type Norm, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { AttackProblem } from "./attack-problem";
import { mismatches, relativeToLargest } from "./deviation";
import type { Fields } from "./fields";
import { type Findings, requireKnown } from "./findings";
import { tolerance } from "./tolerance";

const names = /^apgd_(ce|dlr)_(linf|l2|l1)_from_x_(\d+)it$/;

/** Runs a case of a golden file on attacks if it is APGD from the clean images, and says whether it is. */
export async function checkApgd(
  name: string,
  { network, x, y }: AttackProblem,
  golden: Fields,
  findings: Findings,
): Promise<boolean> {
  const [, loss, norm, count] = names.exec(name) ?? [];
  if (count === undefined) return false;
  requireKnown(golden, ["eps", "best_loss_per_example", "robust_after", ...Object.keys(windows(1))]);

  const steps = Number(count);
  const epsilon = golden.number("eps");
  const objective = loss === "dlr" ? dlrObjective() : crossEntropyObjective();
  const attack = apgd({ norm: norm as Norm, epsilon, objective, steps, start: "clean" });
  const classifier = (images: tf.Tensor4D) => network.forward(images, "eval");
  const found = attack.finish(attack.advance(attack.start(classifier, x, y, random(0)), steps));
  try {
    const best = [...(await found.objective.data())];
    const deviation = relativeToLargest(best, golden.numbers("best_loss_per_example"));
    findings.check(`${name} best_loss_per_example`, deviation, tolerance.attack.loss);
    const robust = [...(await found.broken.data())].map((flag) => flag === 0);
    const different = mismatches(robust, golden.flags("robust_after"));
    findings.check(`${name} robust_after`, different, tolerance.attack.verdicts);
  } finally {
    tf.dispose(Object.values(found));
  }
  for (const [field, value] of Object.entries(windows(steps))) {
    if (golden.has(field)) findings.check(`${name} ${field}`, Math.abs(value - golden.number(field)), 0);
  }
  return true;
}

/** The schedule of checkpoints under the reference's names: the first window, the last, and by how much they shrink. */
function windows(steps: number): { readonly steps_2: number; readonly steps_min: number; readonly size_decr: number } {
  const ends = [0, ...apgdCheckpoints(steps)];
  const lengths = ends.slice(1).map((end, index) => end - (ends[index] as number));
  const [first = 0, second = 0] = lengths;
  return { steps_2: first, steps_min: lengths.at(-1) ?? 0, size_decr: first - second };
}
