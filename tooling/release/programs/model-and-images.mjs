// What a user of `awp evaluate` has: a small tf.LayersModel, and images in CIFAR-10's format.
import { writeFileSync } from "node:fs";
import { useBackend } from "@awp/core";
import { modelFiles } from "@awp/models/node";
import * as layers from "@tensorflow/tfjs-layers";

await useBackend("cpu");
const model = layers.sequential({
  layers: [
    layers.layers.conv2d({ inputShape: [32, 32, 3], filters: 4, kernelSize: 3, strides: 2, activation: "relu" }),
    layers.layers.globalAveragePooling2d({}),
    layers.layers.dense({ units: 10, activation: "softmax" }),
  ],
});
await model.save(modelFiles("."));
// A label and three planes of 32×32 for each image.
const records = Array.from({ length: 8 }, (_, label) =>
  Array.from({ length: 3073 }, (__, i) => (i === 0 ? label : (i * (label + 1)) % 256)),
);
writeFileSync("test_batch.bin", Uint8Array.from(records.flat()));
