import { evaluate, pgd } from "@awp/attacks";
import { type Classifier, drain, type Images, type Labels, random, useBackend } from "@awp/core";
import { smallCnn } from "@awp/models";
import { loadWeights, readWeights } from "@awp/models/node";
import * as tf from "@tensorflow/tfjs-core";
import { fileURLToPath } from "node:url";

/* A checkpoint that PyTorch saved, attacked here; make.py made both files. */
const file = (name: string) => fileURLToPath(new URL(`../data/${name}`, import.meta.url));

await useBackend(); // the fastest there is
const network = smallCnn({ classes: 4, widths: [16, 32], random: random(0) });
await loadWeights(network, file("model.pt")); // the names are PyTorch's, and so are the layouts in the file
const classifier: Classifier = (x) => network.forward(x, "eval");

/** A tensor that PyTorch saved, as it is there. */
const saved = await readWeights(file("test.pt"));
function tensor(name: string): tf.Tensor {
  const { data, shape } = saved.get(name) ?? {};
  if (!(data instanceof Float32Array) || shape === undefined) throw new Error(`test.pt has no floats ${name}`);
  return tf.tensor(data, [...shape]);
}
const images = tf.transpose(tensor("images"), [0, 2, 3, 1]) as Images; // channels last here, first there
const labels = tf.cast(tensor("labels"), "int32") as Labels;

const deviation = tf.max(tf.abs(tf.sub(classifier(images), tensor("logits"))));
console.log("logits differ from PyTorch's by", deviation.arraySync());

const indices = Int32Array.from({ length: images.shape[0] }, (_, i) => i);
const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 10 });
const result = await drain(evaluate({ classifier, attack, batches: [{ images, labels, indices }], random: random(1) }));
console.log("accuracy: natural", result.naturalAccuracy, "robust", result.robustAccuracy);
