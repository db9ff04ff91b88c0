import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize } from "node:path";
import { AwpError } from "@awp/core";
import type { io } from "@tensorflow/tfjs-core";
import { isRecord } from "./model-json";

/** What one weight takes in a shard, in bytes a value; a string has no size of its own. */
const bytesOf: Readonly<Record<string, number | undefined>> = {
  ...{ bool: 1, uint8: 1, uint16: 2, float16: 2 },
  ...{ float32: 4, int32: 4, complex64: 8 },
};

/** The weights that a manifest lists: their descriptions, and the bytes of each shard in order. */
export interface WeightShards {
  readonly specs: io.WeightsManifestEntry[];
  readonly shards: ArrayBuffer[];
}

/**
 * Reads the shards beside a `model.json`. Throws an `AwpError` that names the file for a manifest that is none or leads
 * out of the folder, and for a shard that is missing, or bytes that are too few or too many.
 */
export async function readShards(manifest: unknown, file: string): Promise<WeightShards> {
  const specs: io.WeightsManifestEntry[] = [];
  const shards: ArrayBuffer[] = [];
  for (const group of requireManifest(manifest, file)) {
    const read = await Promise.all(group.paths.map((path) => readShard(path, file)));
    const found = read.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const wanted = group.weights.reduce((sum, weight) => sum + byteLength(weight), 0);
    if (!Number.isNaN(wanted) && found !== wanted) {
      throw new AwpError(`${file}: ${group.paths.join(", ")}: got ${found} bytes, want ${wanted} for its weights`);
    }
    specs.push(...group.weights);
    shards.push(...read);
  }
  return { specs, shards };
}

async function readShard(path: string, file: string): Promise<ArrayBuffer> {
  const inside = normalize(path);
  const leavesFolder = isAbsolute(path) || /^\.\.([\\/]|$)/.test(inside) || path.includes("\0");
  if (leavesFolder) throw new AwpError(`${file}: weights at ${JSON.stringify(path)}: want a path inside its folder`);
  const bytes = await readFile(join(dirname(file), inside)).catch((error: unknown) => {
    throw new AwpError(`${file}: weights not read: ${(error as Error).message}`, { cause: error });
  });
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

function requireManifest(manifest: unknown, file: string): io.WeightsManifestConfig {
  const isGroup = (group: unknown): boolean =>
    isRecord(group) &&
    Array.isArray(group["paths"]) &&
    group["paths"].every((path) => typeof path === "string") &&
    Array.isArray(group["weights"]) &&
    group["weights"].every(isSpec);
  if (!Array.isArray(manifest) || !manifest.every(isGroup)) {
    throw new AwpError(`${file}: weightsManifest: want groups, each with the paths of its shards and its weights`);
  }
  return manifest as io.WeightsManifestConfig;
}

function isSpec(weight: unknown): boolean {
  if (!isRecord(weight) || typeof weight["name"] !== "string" || typeof weight["dtype"] !== "string") return false;
  const { shape } = weight;
  return Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}

/** How many bytes the weight takes; NaN if it cannot be told. */
function byteLength({ shape, dtype, quantization }: io.WeightsManifestEntry): number {
  const count = shape.reduce((product, size) => product * size, 1);
  return count * (bytesOf[quantization?.dtype ?? dtype] ?? Number.NaN);
}
