import { createHash } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { writeWhole } from "@awp/core/node";
import { io } from "@tensorflow/tfjs-core";
import { modelFile, modelPath, readModelJson } from "./model-json";
import { readShards } from "./weight-shards";

/**
 * A model of TensorFlow.js in files, a `model.json` with its weights beside it: to load and to save, without tfjs-node.
 * `path` is the `model.json` or its folder; a folder that is not there is made.
 *
 * Saving replaces what was there as a whole: weights have a name by their content, and `model.json` changes to them in
 * one step.
 *
 * @throws AwpError that names the file, from loading: it is missing, is no model, or its weights are missing, too short, too
 * long or outside of its folder; from saving: it cannot be written
 * @example
 * const model = await tf.loadLayersModel(modelFiles("mobilenet/model.json"));
 * await model.save(modelFiles("mobilenet-robust"));
 */
export function modelFiles(path: string): io.IOHandler {
  return {
    async load() {
      const file = await modelPath(path);
      const json = await readModelJson(file);
      const { specs, shards } = await readShards(json.weightsManifest, file);
      return io.getModelArtifactsForJSON(json, () => Promise.resolve([specs, shards]));
    },
    async save(artifacts) {
      const file = path.endsWith(".json") ? path : join(path, modelFile);
      await write(artifacts, file);
      return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
    },
  };
}

async function write({ weightData, weightSpecs, ...rest }: io.ModelArtifacts, file: string): Promise<void> {
  const bytes = new Uint8Array(io.CompositeArrayBuffer.join(weightData));
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  const folder = dirname(file);
  const beginning = `${basename(file, ".json")}.weights-`;
  const weights = `${beginning}${hash}.bin`;
  const before = (await readdir(folder).catch(() => [])).filter(
    (name) => name.startsWith(beginning) && name !== weights,
  );
  await writeWhole(join(folder, weights), bytes);
  const weightsManifest = [{ paths: [weights], weights: weightSpecs ?? [] }];
  await writeWhole(file, JSON.stringify({ ...rest, weightsManifest }));
  await Promise.all(before.map((name) => rm(join(folder, name), { force: true })));
}
