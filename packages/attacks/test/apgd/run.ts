import { type AttackResult, type Classifier, type Images, type Labels, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { apgd, type ApgdOptions } from "../../src/index";
import { toyImages } from "../toy-problem";

/** Images far enough from the box for every attack of these tests. */
export const inner = (batch: number): Images => toyImages(batch, 0.4, 0.6);

/** The labels by which the classifier is right. */
export const rightOf = (classifier: Classifier, x: Images): Labels => tf.argMax(classifier(x), 1);

export function run(options: ApgdOptions, classifier: Classifier, x: Images, y: Labels, seed = 1): AttackResult {
  const attack = apgd(options);
  return attack.finish(attack.advance(attack.start(classifier, x, y, random(seed)), attack.iterations));
}
