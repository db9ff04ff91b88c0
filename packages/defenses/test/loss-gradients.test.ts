import {
  type Batch,
  type Defense,
  type Mode,
  type Network,
  mean,
  parameterGradients,
  random,
  uniform,
} from "@awp/core";
import { finiteDifference, relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, it } from "vitest";
import { adversarialTraining, dkl, mart, regularized, rst, standardTraining, trades } from "../src/index";

let network: Network;
afterEach(() => tf.dispose([...network.parameters.values()]));

/** Two layers, the hidden one normalised by the batch's mean but in evaluation mode; smooth everywhere. */
function twoLayers(): Network {
  const made = [[12, 6] as const, [6, 4] as const].map((shape, k): [string, tf.Variable] => [
    `layer${k}`,
    tf.tidy(() => tf.variable(uniform(random(k), [...shape], -0.8, 0.8))),
  ]);
  const parameters = new Map(made);
  const forward = (x: tf.Tensor4D, mode: Mode): tf.Tensor2D =>
    tf.tidy(() => {
      const [first, second] = [...parameters.values()] as tf.Tensor[] as [tf.Tensor2D, tf.Tensor2D];
      const hidden = tf.matMul(tf.reshape(x, [-1, 12]) as tf.Tensor2D, first);
      const centred = mode === "eval" ? hidden : tf.sub<tf.Tensor2D>(hidden, tf.mean(hidden, 0));
      return tf.mul(tf.matMul(tf.tanh(centred), second), 2);
    });
  return { parameters, buffers: new Map(), forward };
}

const attack = (): never => {
  throw new Error("the images are given");
};

const defenses: Readonly<Record<string, Defense>> = {
  standardTraining: standardTraining(),
  adversarialTraining: adversarialTraining({ attack }),
  trades: trades({ attack }),
  "trades with its auxiliary pass": trades({ attack, auxiliaryForwards: true }),
  "trades with label smoothing": trades({ attack, labelSmoothing: 0.2 }),
  mart: mart({ attack }),
  rst: rst({ attack, entropyWeight: 0.5 }),
  "dkl without the term whose teacher is held": dkl({ attack, alpha: 0 }),
  regularized: regularized(adversarialTraining({ attack }), { l2: 0.1, inWeightAttack: true }),
};

describe("through a network of two layers", () => {
  it.each(Object.keys(defenses))("the gradient of %s is what finite differences find, in each mode", (name) => {
    network = twoLayers();
    const defense = defenses[name] as Defense;
    const images = uniform(random(7), [5, 2, 2, 3]) as tf.Tensor4D;
    const adversarial = tf.clipByValue(tf.add<tf.Tensor4D>(images, uniform(random(8), images.shape, -0.3, 0.3)), 0, 1);
    const batch: Batch = {
      images,
      labels: tf.tensor1d(name === "rst" ? [0, -1, 2, 3, -1] : [0, 1, 2, 3, 1], "int32"),
      indices: Int32Array.of(0, 1, 2, 3, 4),
    };
    for (const mode of ["train", "train-frozen", "eval"] as const) {
      const loss = (): tf.Scalar => tf.tidy(() => mean(defense.loss(network, batch, adversarial, mode)));
      const { gradients } = parameterGradients(loss, network.parameters);
      for (const [parameter, variable] of network.parameters) {
        const own = tf.clone(variable);
        const expected = finiteDifference((w) => {
          variable.assign(w);
          return loss();
        }, own);
        variable.assign(own);
        expect(relativeDeviation(gradients.get(parameter) as tf.Tensor, expected), `${mode} ${parameter}`).toBeLessThan(
          2e-3,
        );
      }
    }
  });
});
