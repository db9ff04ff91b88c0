import {
  type Attack,
  type Batch,
  crossEntropy,
  type Defense,
  type Images,
  misclassified,
  type Network,
  type ProcessGroup,
  type Random,
} from "@awp/core";
import { inShares } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { described } from "./each-batch";
import type { LandscapePoint, Measured } from "./point";

/** What is measured of a network at a point. */
export interface Measurement {
  readonly network: Network;
  readonly attack: Attack | undefined;
  readonly loss: Defense["loss"];
  readonly random: Random;
}

/** The kinds of images that a point has figures of. */
type Kind = Exclude<keyof LandscapePoint, "at">;

/** The loss of each image of a kind, and how many of them are recognised. */
export type Tally = Map<Kind, { readonly losses: number[]; recognised: number }>;

/** The adversarial images of a batch, made on the network as it is now in evaluation mode; the caller owns them. */
export function adversarialOf({ network, random }: Measurement, attack: Attack, batch: Batch): Images {
  const classifier = (x: Images) => network.forward(x, "eval");
  return attack(classifier, batch.images, batch.labels, random.forRows(batch.indices));
}

export interface AdversarialBatches {
  readonly measurement: Measurement;
  readonly attack: Attack;
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  readonly release?: (batch: Batch) => void;
  readonly group: ProcessGroup | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The adversarial images of each batch, kept, all of them on every rank, which attacks its share; the caller owns them. */
export async function* adversarialOfEach(options: AdversarialBatches): AsyncGenerator<Images, void> {
  const { measurement, attack, batches, ...shared } = options;
  const work = async (batch: Batch) => {
    const made = tf.tidy(() => adversarialOf(measurement, attack, batch));
    try {
      return { shape: made.shape, values: await made.data<"float32">() };
    } finally {
      made.dispose();
      await tf.nextFrame(); // lets timers and signals in: on some backends nothing above leaves the microtasks
    }
  };
  const label = ({ indices }: Batch) => described([indices]);
  for await (const { outcome } of inShares({ ...shared, units: batches, work, label, what: "adversarial images" })) {
    yield tf.keep(tf.tensor4d(outcome.values, outcome.shape));
  }
}

/** Adds what the network, as it is now, makes of a batch; reads back once. */
export async function tallyBatch(
  measurement: Measurement,
  batch: Batch,
  pregenerated: Images | undefined,
  tally: Tally,
): Promise<void> {
  const { attack } = measurement;
  const kinds: Kind[] = ["clean"];
  const figures = tf.tidy(() => {
    const images = [batch.images];
    if (attack !== undefined) {
      kinds.push("adversarial");
      images.push(adversarialOf(measurement, attack, batch));
    }
    if (pregenerated !== undefined) {
      kinds.push("pregenerated");
      images.push(pregenerated);
    }
    return tf.stack(judged(measurement, batch, images));
  });
  try {
    const values = await figures.data<"float32">();
    const rows = batch.images.shape[0];
    for (const [k, kind] of kinds.entries()) {
      const own = values.subarray(2 * rows * k, 2 * rows * (k + 1));
      const total = tally.get(kind) ?? { losses: [], recognised: 0 };
      total.losses.push(...own.subarray(0, rows));
      total.recognised += own.subarray(rows).reduce((right, error) => right + 1 - error, 0);
      tally.set(kind, total);
    }
  } finally {
    figures.dispose();
  }
}

/** Losses and errors, `[2, batch]`, on each of the images; one forward pass each, whatever the loss looks at. */
function judged({ network, loss }: Measurement, batch: Batch, images: readonly Images[]): tf.Tensor[] {
  const answers = new Map(images.map((x) => [x, network.forward(x, "eval")]));
  const answered: Network = {
    parameters: network.parameters,
    buffers: network.buffers,
    forward: (x, mode) => {
      const answer = mode === "eval" ? answers.get(x) : undefined;
      return answer === undefined ? network.forward(x, mode) : tf.clone(answer);
    },
  };
  return [...answers].map(([x, logits]) => {
    const errors = tf.cast(misclassified(logits, batch.labels), "float32");
    return tf.stack([loss(answered, batch, x, "eval"), errors]);
  });
}

/** The figures of a point. The losses are added up in double precision in the order of the images, whatever the batches. */
export function measuredIn(tally: Tally): Omit<LandscapePoint, "at"> {
  const figures = [...tally].map(([kind, { losses, recognised }]): [Kind, Measured] => {
    const total = losses.reduce((sum, loss) => sum + loss, 0);
    return [kind, { loss: total / losses.length, accuracy: recognised / losses.length }];
  });
  return Object.fromEntries(figures) as Omit<LandscapePoint, "at">;
}

/** The cross-entropy of each image: the loss of a landscape that is told of no other. */
export const defaultLoss: Defense["loss"] = (network, batch, images, mode) =>
  tf.tidy(() => crossEntropy(network.forward(images, mode), batch.labels));
