import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AwpError } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";

/** A `model.json` as TensorFlow.js writes it, with its weights beside it. */
export interface ModelFile {
  readonly kind: "layers" | "graph";
  /** Hands the file to `tf.loadLayersModel` or `tf.loadGraphModel`. */
  readonly handler: tf.io.IOHandler;
}

/** @throws AwpError for a file that is missing or no model of TensorFlow.js. */
export async function modelFile(path: string): Promise<ModelFile> {
  const json = await parsed(path);
  const topology = json.modelTopology as { readonly node?: unknown; readonly model_config?: unknown } | undefined;
  if (topology === undefined || json.weightsManifest === undefined) {
    throw new AwpError(`${path}: no model of TensorFlow.js: modelTopology and weightsManifest are wanted`);
  }
  const isGraph = json.format === "graph-model" || topology.node !== undefined;
  const load = (): Promise<tf.io.ModelArtifacts> =>
    tf.io.getModelArtifactsForJSON(json, async (manifest) => [
      manifest.flatMap(({ weights }) => weights),
      await weightBytes(dirname(path), manifest),
    ]);
  return { kind: isGraph ? "graph" : "layers", handler: { load } };
}

async function parsed(path: string): Promise<tf.io.ModelJSON> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as tf.io.ModelJSON;
  } catch (error) {
    throw new AwpError(`${path}: model not read: ${(error as Error).message}`, { cause: error });
  }
}

async function weightBytes(folder: string, manifest: tf.io.WeightsManifestConfig): Promise<ArrayBuffer> {
  const paths = manifest.flatMap((group) => group.paths.map((path) => join(folder, path)));
  const shards = await Promise.all(
    paths.map((path) =>
      readFile(path).catch((error: unknown) => {
        throw new AwpError(`${path}: weights not read: ${(error as Error).message}`, { cause: error });
      }),
    ),
  );
  return Uint8Array.from(Buffer.concat(shards)).buffer;
}
