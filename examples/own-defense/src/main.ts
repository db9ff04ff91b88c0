import { evaluate, pgd } from "@awp/attacks";
import { type Attack, crossEntropy, type Defense, drain, random, useBackend } from "@awp/core";
import { batches, synthetic } from "@awp/data";
import { smallCnn } from "@awp/models";
import { awp } from "@awp/perturb";
import { schedules, sgd, train } from "@awp/train";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Adversarial logit pairing (Kannan et al. 2018, arXiv:1803.06373): cross-entropy under attack, and logits that stay
 * where they are. A defense is an attack and the loss of each example; training and AWP ask for nothing else.
 */
function logitPairing(attack: Attack, strength: number): Defense {
  return {
    attack: (network, { images, labels }, random) => attack((x) => network.forward(x, "eval"), images, labels, random),
    loss: (network, { images, labels }, adversarial, mode) =>
      tf.tidy(() => {
        const attacked = network.forward(adversarial, mode);
        const moved = tf.squaredDifference(network.forward(images, mode), attacked);
        return tf.add(crossEntropy(attacked, labels), tf.mul(tf.mean(moved, 1), strength));
      }),
  };
}

await useBackend();
const world = { random: random(0), classes: 4, size: 8 };
const images = synthetic({ ...world, count: 512 });
const network = smallCnn({ classes: 4, random: random(1) });
const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 5 });
const training = train({
  network,
  defense: logitPairing(attack, 0.5),
  weightAttack: awp({ gamma: 0.01 }),
  optimizer: sgd({ momentum: 0.9, weightDecay: 5e-4 }),
  schedule: schedules.piecewise({ learningRate: 0.1, epochs: 8 }),
  epochs: 8,
  batches: (_, order) => batches(images, { batchSize: 64, random: order }),
  stepsPerEpoch: 8,
  random: random(2),
});
for await (const event of training) if (event.kind === "epoch") console.log("epoch", event.epoch, "loss", event.loss);

const test = batches(synthetic({ ...world, count: 128, split: "test" }), { batchSize: 128 });
const classifier = (x: tf.Tensor4D) => network.forward(x, "eval");
const result = await drain(evaluate({ classifier, attack, batches: test, random: random(3) }));
console.log("test accuracy: natural", result.naturalAccuracy, "robust", result.robustAccuracy);
