import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { AwpError } from "@awp/core";
import type { io } from "@tensorflow/tfjs-core";

/** The name that TensorFlow.js gives the file in a folder. */
export const modelFile = "model.json";

/** The two kinds of model that TensorFlow.js stores. */
export type ModelFormat = "layers" | "graph";

/** The path of the model's file: the path itself, or `model.json` in it where it is a folder. */
export async function modelPath(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true ? join(path, modelFile) : path;
}

/** A `model.json` with a topology, of which nothing else is known. Throws an `AwpError` that names the file otherwise. */
export async function readModelJson(path: string): Promise<io.ModelJSON> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new AwpError(`${path}: model not read: ${(error as Error).message}`, { cause: error });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new AwpError(`${path}: not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (!isRecord(json) || !isRecord(json["modelTopology"])) {
    throw new AwpError(`${path}: no modelTopology in it: want a model.json of TensorFlow.js`);
  }
  return json as unknown as io.ModelJSON;
}

/**
 * Whether a `model.json`, or the folder that it is in, holds a `tf.LayersModel` or a `tf.GraphModel`: by its `format`, or by
 * its topology in files that are older than that field.
 *
 * @example
 * const path = "mobilenet/model.json";
 * const model = (await modelFormat(path)) === "layers"
 *   ? fromLayersModel(await tf.loadLayersModel(modelFiles(path)))
 *   : fromGraphModel(await tf.loadGraphModel(modelFiles(path)));
 * @throws AwpError that names the file if it cannot be read or is no model
 */
export async function modelFormat(path: string): Promise<ModelFormat> {
  const file = await modelPath(path);
  const { format, modelTopology } = await readModelJson(file);
  if (format === "layers-model") return "layers";
  if (format === "graph-model") return "graph";
  const topology = modelTopology as Record<string, unknown>;
  if (Array.isArray(topology["node"])) return "graph";
  if (["model_config", "class_name", "className"].some((key) => key in topology)) return "layers";
  const given = format === undefined || format === null ? "no format" : `format ${JSON.stringify(format)}`;
  throw new AwpError(`${file}: ${given} and an unknown topology: want a layers or a graph model`);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
