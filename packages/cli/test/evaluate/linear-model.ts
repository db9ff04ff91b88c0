import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hostUniform, random } from "@awp/core";
import { modelFiles } from "@awp/models/node";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";

/** A linear classifier of images: a weight for each pixel and class, `[pixels][classes]`, without a bias. */
export interface LinearModel {
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly weights: readonly (readonly number[])[];
  readonly softmax: boolean;
}

/** Random weights in [−scale, scale], of mean 0 in each class: how bright a picture is as a whole does not count. */
export function randomWeights(pixels: number, classes: number, scale = 1): number[][] {
  const draws = hostUniform(random(4), pixels * classes);
  const mean = (label: number): number =>
    draws.filter((_, i) => i % classes === label).reduce((sum, value) => sum + value, 0) / pixels;
  const means = Array.from({ length: classes }, (_, label) => mean(label));
  return Array.from({ length: pixels }, (_, pixel) =>
    means.map((center, label) => scale * (draws[classes * pixel + label]! - center)),
  );
}

/** Writes the model as `tf.LayersModel` to the folder, and returns the path of its `model.json`. */
export async function writeLayersModel(folder: string, { shape, weights, softmax }: LinearModel): Promise<string> {
  const classes = (weights[0] as readonly number[]).length;
  const activation = softmax ? "softmax" : "linear";
  const model = layers.sequential({
    layers: [
      layers.layers.flatten({ inputShape: [...shape] }),
      layers.layers.dense({ units: classes, activation, useBias: false }),
    ],
  });
  const matrix = tf.tensor2d(weights.map((row) => [...row]));
  model.setWeights([matrix]);
  await model.save(modelFiles(folder));
  model.dispose();
  matrix.dispose();
  return join(folder, "model.json");
}

/** Writes the model as a `tf.GraphModel`, as TensorFlow's converter does. */
export async function writeGraphModel(folder: string, { shape, weights, softmax }: LinearModel): Promise<string> {
  const float = { type: "DT_FLOAT" };
  const sizes = (values: readonly number[]) => ({ shape: { dim: values.map((size) => ({ size: `${size}` })) } });
  const constant = (name: string, dtype: string, shapeOf: readonly number[]) => ({
    ...{ name, op: "Const" },
    attr: { dtype: { type: dtype }, value: { tensor: { dtype, tensorShape: sizes(shapeOf).shape } } },
  });
  const classes = (weights[0] as readonly number[]).length;
  const node = [
    { name: "images", op: "Placeholder", attr: { dtype: float, shape: sizes([-1, ...shape]) } },
    constant("rows", "DT_INT32", [2]),
    constant("weights", "DT_FLOAT", [weights.length, classes]),
    { name: "pixels", op: "Reshape", input: ["images", "rows"], attr: { T: float, Tshape: { type: "DT_INT32" } } },
    {
      ...{ name: "scores", op: "MatMul", input: ["pixels", "weights"] },
      attr: { T: float, transpose_a: { b: false }, transpose_b: { b: false } },
    },
    ...(softmax ? [{ name: "probabilities", op: "Softmax", input: ["scores"], attr: { T: float } }] : []),
  ];
  const specs: tf.io.WeightsManifestEntry[] = [
    { name: "rows", shape: [2], dtype: "int32" },
    { name: "weights", shape: [weights.length, classes], dtype: "float32" },
  ];
  const bytes = Buffer.concat([
    new Uint8Array(Int32Array.of(-1, weights.length).buffer),
    new Uint8Array(Float32Array.from(weights.flat()).buffer),
  ]);
  const weightsManifest = [{ paths: ["weights.bin"], weights: specs }];
  const json = { modelTopology: { node, library: {}, versions: {} }, format: "graph-model", weightsManifest };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "weights.bin"), bytes);
  await writeFile(join(folder, "model.json"), JSON.stringify(json));
  return join(folder, "model.json");
}
