import { pgd } from "@awp/attacks";
import { crossEntropy, type Images, mean, type Mode, parameterGradients, random, useBackend } from "@awp/core";
import { batches, disposeBatch, synthetic } from "@awp/data";
import { networkFromLayersModel } from "@awp/models";
import { awp, withPerturbation } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";

/* A training loop of one's own on a model and an optimizer of TensorFlow.js: AWP is the four lines marked below. */

const [epochs, startEpoch] = [6, 2]; // the first epochs go without AWP
await useBackend();
const data = synthetic({ count: 512, classes: 4, size: 8, random: random(0) });

const model = sequential({
  layers: [
    layers.conv2d({ name: "conv", inputShape: [8, 8, 3], filters: 16, kernelSize: 3, useBias: false }),
    layers.batchNormalization({ name: "norm" }),
    layers.reLU(),
    layers.flatten(),
    layers.dense({ name: "logits", units: 4 }),
  ],
});
// The model in three modes: v is found in "train-frozen", which leaves the moving statistics alone.
const network = networkFromLayersModel(model);
// Weights by the names under which tf.train's optimizers know them.
const weights = new Map([...network.parameters.values()].map((variable) => [variable.name, variable]));

const optimizer = tf.train.adam(0.003);
const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 5 });
const classifier = (x: Images) => network.forward(x, "eval");

for (let epoch = 0; epoch < epochs; epoch++) {
  const order = random(1).fold(epoch);
  const gamma = epoch < startEpoch ? 0 : 0.01; // 0 takes no pass
  const weightAttack = awp({ gamma, predicate: (name) => name.endsWith("/kernel") }); // AWP: strength and filter by name
  const losses: tf.Tensor[] = [];
  for (const batch of batches(data, { batchSize: 64, random: order })) {
    const step = tf.tidy(() => {
      const adversarial = attack(classifier, batch.images, batch.labels, order.forRows(batch.indices));
      const loss = (mode: Mode) => tf.tidy(() => mean(crossEntropy(network.forward(adversarial, mode), batch.labels)));

      const v = weightAttack(weights, () => loss("train-frozen"), order); // AWP: a displacement of the weights
      const descent = () => parameterGradients(() => loss("train"), weights);
      const { gradients, loss: displaced } = withPerturbation(weights, v, descent); // AWP: the gradient is taken at w + v
      const original = loss("train-frozen"); // for the record alone

      // AWP: the weights are back at w, and move now. An update inside withPerturbation would be undone.
      optimizer.applyGradients([...gradients].map(([name, tensor]) => ({ name, tensor })));
      return tf.stack([original, displaced]);
    });
    losses.push(step);
    disposeBatch(batch);
  }
  const [original, displaced] = tf.tidy(() => tf.mean(tf.stack(losses), 0)).dataSync<"float32">();
  console.log(`epoch ${epoch + 1}: loss ${original?.toFixed(4)} at w, ${displaced?.toFixed(4)} at w + v`);
  tf.dispose(losses);
}
