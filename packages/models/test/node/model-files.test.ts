import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Images, random, uniform } from "@awp/core";
import { loadGraphModel } from "@tensorflow/tfjs-converter";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { disposeNetwork, fromGraphModel, fromLayersModel, networkFromLayersModel } from "../../src";
import { loadWeights, modelFiles, modelFormat, saveWeights } from "../../src/node";
import { userModel } from "../adapted/user-model";
import { graphArtifacts } from "../graph-file";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "awp-model-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const images = () => uniform(random(1), [2, 6, 6, 3]) as Images;

describe("a layers model", () => {
  it("is trained as a network, saved as tfjs saves it, and answers the same when it is loaded", async () => {
    const model = userModel();
    const network = networkFromLayersModel(model, { random: random(3) });
    network.forward(images(), "train").dispose();
    for (const variable of network.parameters.values()) variable.assign(tf.mul(variable, 1.25));
    await model.save(modelFiles(folder));
    const wanted = await network.forward(images(), "eval").array();
    expect(await modelFormat(folder)).toBe("layers");

    const loaded = await layers.loadLayersModel(modelFiles(join(folder, "model.json")));
    expect(await fromLayersModel(loaded)(images()).array()).toEqual(wanted);
    const again = networkFromLayersModel(loaded, { random: random(3) });
    expect([...again.parameters.keys(), ...again.buffers.keys()]).toEqual([
      ...network.parameters.keys(),
      ...network.buffers.keys(),
    ]);
    disposeNetwork(network);
    disposeNetwork(again);
  });

  it("keeps its weights bit for bit in safetensors, as a network of the same model reads them", async () => {
    const make = (seed: number) => networkFromLayersModel(userModel({ seed }), { random: random(3) });
    const [network, other] = [make(1), make(2)];
    network.forward(images(), "train").dispose();
    await saveWeights(network, join(folder, "weights.safetensors"));
    await loadWeights(other, join(folder, "weights.safetensors"));
    const values = async ({ parameters, buffers }: typeof network) =>
      Promise.all([...parameters, ...buffers].map(async ([name, variable]) => [name, await variable.data()]));
    expect(await values(other)).toEqual(await values(network));
    disposeNetwork(network);
    disposeNetwork(other);
  });

  it("replaces an older one as a whole, and leaves another beside it", async () => {
    const [first, second] = [userModel({ seed: 1 }), userModel({ seed: 2 })];
    await first.save(modelFiles(join(folder, "other.json")));
    await first.save(modelFiles(folder));
    await second.save(modelFiles(folder));
    const names = readdirSync(folder).map((name) => name.replace(/-[0-9a-f]{16}/, "-hash"));
    expect(names.sort()).toEqual(["model.json", "model.weights-hash.bin", "other.json", "other.weights-hash.bin"]);
    const loaded = await layers.loadLayersModel(modelFiles(folder));
    expect(await loaded.getWeights()[0]?.data()).toEqual(await second.getWeights()[0]?.data());
    for (const model of [first, second, loaded]) model.dispose();
  });
});

it("a graph model is saved and loaded, with its signature", async () => {
  const end = [{ name: "p", op: "Softmax", input: ["scores"], attr: { T: { type: "DT_FLOAT" } } }];
  await modelFiles(join(folder, "made", "graph.json")).save?.(graphArtifacts(end, ["p"]));
  expect(await modelFormat(join(folder, "made", "graph.json"))).toBe("graph");
  const model = await loadGraphModel(modelFiles(join(folder, "made", "graph.json")));
  const x = tf.tensor4d([0.25, 1], [1, 1, 1, 2]) as Images;
  expect(await fromGraphModel(model)(x).array()).toEqual([[0.75, 3.5, -0.25]]);
  model.dispose();
});

it.each<[string, object]>([
  ["layers", { modelTopology: { model_config: {} } }],
  ["layers", { modelTopology: { class_name: "Sequential", config: [] } }],
  ["graph", { modelTopology: { node: [] } }],
  ["graph", { format: "graph-model", modelTopology: {} }],
])("a %s model is told from %j", async (format, json) => {
  writeFileSync(join(folder, "model.json"), JSON.stringify(json));
  expect(await modelFormat(folder)).toBe(format);
});

describe("an error names the file", () => {
  const path = () => join(folder, "model.json");
  const weights = [{ name: "w", shape: [2, 3], dtype: "float32" }];
  const model = (weightsManifest: unknown) => JSON.stringify({ modelTopology: { node: [] }, weightsManifest });

  it.each<[string, string, string]>([
    ["that is not JSON", "{", "not JSON"],
    ["without a topology", "{}", "no modelTopology in it: want a model.json of TensorFlow.js"],
    ["without weights", model(undefined), "weightsManifest: want groups"],
    ["with a manifest that is none", model([{ paths: "w.bin", weights }]), "weightsManifest: want groups"],
    ["with shapes that are none", model([{ paths: [], weights: [{ ...weights[0], shape: [-1] }] }]), "want groups"],
    ["whose weights are missing", model([{ paths: ["none.bin"], weights }]), "weights not read: ENOENT"],
    ["whose weights are short", model([{ paths: ["w.bin"], weights }]), "w.bin: got 20 bytes, want 24 for its weights"],
    [
      "that leads out of its folder",
      model([{ paths: ["a/../../w.bin"], weights }]),
      'weights at "a/../../w.bin": want',
    ],
    [
      "that leads to the root",
      model([{ paths: ["/etc/hosts"], weights }]),
      'weights at "/etc/hosts": want a path inside',
    ],
  ])("%s", async (_, content, message) => {
    writeFileSync(path(), content);
    writeFileSync(join(folder, "w.bin"), new Uint8Array(20));
    const attempt = modelFiles(folder).load?.();
    await expect(attempt).rejects.toThrow(path());
    await expect(attempt).rejects.toThrow(message);
  });

  it("that is not there, is of no known kind, or cannot be written", async () => {
    await expect(modelFormat(path())).rejects.toThrow(`${path()}: model not read: ENOENT`);
    writeFileSync(path(), JSON.stringify({ format: "onnx", modelTopology: {} }));
    await expect(modelFormat(folder)).rejects.toThrow(`${path()}: format "onnx" and an unknown topology`);
    writeFileSync(join(folder, "taken"), "");
    const artifacts = graphArtifacts([], ["scores"]);
    const attempt = modelFiles(join(folder, "taken")).save?.(artifacts);
    await expect(attempt).rejects.toThrow(/taken\/model\.weights-\w+\.bin: not written/);
  });

  it("and nothing is left of a model that could not be written", async () => {
    mkdirSync(path());
    const artifacts = graphArtifacts([], ["scores"]);
    await expect(modelFiles(path()).save?.(artifacts)).rejects.toThrow("model.json: not written");
    expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });
});

it("weights in several shards, quantised ones too, are read as tfjs decodes them", async () => {
  const weightsManifest = [
    { paths: ["a.bin", "b.bin"], weights: [{ name: "w", shape: [3], dtype: "float32" }] },
    {
      paths: ["c.bin"],
      weights: [{ name: "q", shape: [2], dtype: "float32", quantization: { dtype: "uint8", scale: 0.5, min: -1 } }],
    },
  ];
  writeFileSync(join(folder, "model.json"), JSON.stringify({ modelTopology: { node: [] }, weightsManifest }));
  const bytes = new Uint8Array(Float32Array.of(1, 2, 3).buffer);
  writeFileSync(join(folder, "a.bin"), bytes.subarray(0, 5));
  writeFileSync(join(folder, "b.bin"), bytes.subarray(5));
  writeFileSync(join(folder, "c.bin"), Uint8Array.of(0, 4));
  const { weightData = [], weightSpecs = [] } = (await modelFiles(folder).load?.()) ?? {};
  const { w, q } = tf.io.decodeWeights(weightData, weightSpecs);
  expect(Array.from((await w?.data()) ?? [])).toEqual([1, 2, 3]);
  expect(Array.from((await q?.data()) ?? [])).toEqual([-1, 1]);
});
