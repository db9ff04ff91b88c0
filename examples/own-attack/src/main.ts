import { fgsm } from "@awp/attacks";
import { type Attack, type Classifier, crossEntropy, drain, type Images, misclassified } from "@awp/core";
import { projectOntoThreat, random, type ThreatModel, useBackend, valueAndGradient } from "@awp/core";
import { batches, synthetic } from "@awp/data";
import { standardTraining } from "@awp/defenses";
import { smallCnn } from "@awp/models";
import { schedules, sgd, train } from "@awp/train";
import * as tf from "@tensorflow/tfjs-core";

/**
 * NI-FGSM (Lin et al. 2020, arXiv:1908.06281): gathers the gradients of where it is about to be, and steps along their
 * sign. An attack is a function from images to new ones; `tf.tidy` frees what it made on the way.
 */
function nesterov(threat: ThreatModel, steps: number): Attack {
  const stepSize = threat.epsilon / steps;
  return (classifier, x, y) =>
    tf.tidy(() => {
      let images = x;
      let gathered: tf.Tensor = tf.zerosLike(x);
      for (let step = 0; step < steps; step++) {
        const ahead = tf.add<Images>(images, tf.mul(gathered, stepSize));
        const { gradient } = valueAndGradient((at: Images) => crossEntropy(classifier(at), y), ahead);
        gathered = tf.add(gathered, tf.div(gradient, tf.mean(tf.abs(gradient), [1, 2, 3], true)));
        images = projectOntoThreat(tf.add<Images>(images, tf.mul(tf.sign(gathered), stepSize)), x, threat);
      }
      return images;
    });
}

await useBackend();
const threat = { norm: "linf", epsilon: 8 / 255 } as const;
const world = { random: random(0), classes: 4, size: 8 };
const images = synthetic({ ...world, count: 512 });
const network = smallCnn({ classes: 4, random: random(1) });
const training = train({
  network,
  defense: standardTraining(),
  optimizer: sgd({ momentum: 0.9 }),
  schedule: schedules.piecewise({ learningRate: 0.1, epochs: 6 }),
  epochs: 6,
  batches: (_, order) => batches(images, { batchSize: 64, random: order }),
  stepsPerEpoch: 8,
  random: random(2),
});
await drain(training);

const classifier: Classifier = (x) => network.forward(x, "eval");
for (const { images, labels } of batches(synthetic({ ...world, count: 128, split: "test" }), { batchSize: 128 })) {
  const accuracy = (x: Images) =>
    1 - tf.tidy(() => tf.mean<tf.Scalar>(misclassified(classifier(x), labels))).arraySync();
  for (const [name, attack] of Object.entries({ fgsm: fgsm(threat), nesterov: nesterov(threat, 10) })) {
    const found = attack(classifier, images, labels, random(3));
    const farthest = tf.max(tf.abs(tf.sub(found, images))).arraySync();
    console.log(name, "natural", accuracy(images), "robust", accuracy(found), "farthest", farthest);
  }
}
