import { evaluate, pgd, predictions } from "@awp/attacks";
import { type Batch, type Classifier, drain, random, uniform, type Images } from "@awp/core";
import { landscape, randomDirection } from "@awp/landscape";
import { disposeNetwork, smallCnn } from "@awp/models";
import * as tf from "@tensorflow/tfjs-core";
import { median } from "./median";

/** What a landscape costs, as multiples of the evaluation of the same images. */
export interface LandscapeCost {
  readonly title: string;
  readonly points: number;
  readonly images: number;
  /** Milliseconds of processor time of one evaluation: a pass over clean images, and with an attack over adversarial ones too. */
  readonly evaluation: number;
  /** The whole landscape, in evaluations for each point. */
  readonly perPoint: number;
}

const batchSize = 32;
const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 10, start: "uniform" });

/** Landscapes of a small network on noise: clean ones and attacked ones, of more points and of more images. */
export async function* landscapeCosts(repeats: number): AsyncGenerator<LandscapeCost> {
  for (const [points, images] of [
    [3, 32],
    [9, 32],
    [9, 64],
  ] as const) {
    for (const title of ["clean", "PGD-10", "PGD-10 and pre-generated"] as const) {
      yield { title, points, images, ...(await timed(title, { points, images, repeats })) };
    }
  }
}

interface Size {
  readonly points: number;
  readonly images: number;
  readonly repeats: number;
}

/** Medians over pairs of an evaluation and a landscape, taken in turn. */
async function timed(
  title: string,
  { points, images, repeats }: Size,
): Promise<Pick<LandscapeCost, "evaluation" | "perPoint">> {
  const network = smallCnn({ classes: 10, random: random(0) });
  const direction = randomDirection(network.parameters, random(1));
  const batches = () => noiseBatches(images);
  const attacked = title !== "clean";
  const positions = Array.from({ length: points }, (_, k) => (2 * k) / (points - 1) - 1);
  const classifier: Classifier = (x) => network.forward(x, "eval");
  const evaluated = (): Promise<unknown> =>
    attacked
      ? drain(evaluate({ classifier, attack, batches: batches(), random: random(0) }))
      : drain(predictions({ classifier, batches: batches() }));
  const drawn = () =>
    drain(
      landscape({
        network,
        batches,
        axes: [{ direction, positions }],
        ...(attacked && { attack, pregenerated: title.includes("pre-generated") }),
        random: random(0),
      }),
    );
  await evaluated(); // fills caches
  const pairs: { evaluation: number; whole: number }[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    pairs.push({ evaluation: await milliseconds(evaluated), whole: await milliseconds(drawn) });
  }
  direction.dispose();
  disposeNetwork(network);
  return {
    evaluation: median(pairs.map(({ evaluation }) => evaluation)),
    perPoint: median(pairs.map(({ evaluation, whole }) => whole / evaluation)) / points,
  };
}

/** Processor time, not the clock's: what else runs on the machine does not count. */
async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}

function* noiseBatches(count: number): Generator<Batch> {
  for (let start = 0; start < count; start += batchSize) {
    const indices = Int32Array.from({ length: Math.min(batchSize, count - start) }, (_, row) => start + row);
    yield {
      images: uniform(random(1).forRows(indices), [indices.length, 16, 16, 3]) as Images,
      labels: tf.tensor1d(
        Array.from(indices, (index) => index % 10),
        "int32",
      ),
      indices,
    };
  }
}
