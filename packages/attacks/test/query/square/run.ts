import { type AttackResult, type Classifier, type Images, type Labels, type Random, random, uniform } from "@awp/core";
import { linearClassifier } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { square, type SquareOptions } from "../../../src/index";

export function run(
  options: SquareOptions,
  classifier: Classifier,
  x: Images,
  y: Labels,
  source: Random = random(0),
): AttackResult {
  const attack = square(options);
  return attack.finish(attack.advance(attack.start(classifier, x, y, source), attack.iterations));
}

/** Images far from the box. */
export function inner(shape: readonly number[]): Images {
  return uniform(random(1), shape, 0.4, 0.6) as Images;
}

/** Two classes, of which the first is right everywhere. The weights of `masked` pixels are 0. */
export function confident(
  height: number,
  width: number,
  channels: number,
  lastCounts: boolean = true,
): { readonly classifier: Classifier; readonly slopes: ArrayLike<number> } {
  const inside = (pixel: number): boolean =>
    lastCounts || (Math.floor(pixel / width) < height - 1 && pixel % width < width - 1);
  const size = height * width * channels;
  const values = uniform(random(2), [size], -1, 1).dataSync();
  const slopes = values.map((value, i) => (inside(Math.floor(i / channels)) ? value : 0));
  const w = tf.stack([tf.zeros([size]), tf.tensor1d(slopes)], 1) as tf.Tensor2D;
  return { classifier: linearClassifier(w, tf.tensor1d([1000, 0])), slopes };
}
