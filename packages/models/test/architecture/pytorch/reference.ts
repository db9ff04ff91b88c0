import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runPython } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { readWeights } from "../../../src/node";

/** A network that PyTorch builds, and the images that it gets. */
export interface ReferenceCase {
  readonly name: string;
  /** A key of NETWORKS in networks.py. */
  readonly network: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The side of the images. */
  readonly size: number;
  readonly channels?: number;
}

const script = fileURLToPath(new URL("reference.py", import.meta.url));

/** Runs the cases in one process of Python, and gives the folder with their files; the caller removes it. */
export function runReference(cases: readonly ReferenceCase[]): string {
  const folder = mkdtempSync(join(tmpdir(), "awp-reference-"));
  const input = cases.map((one) => JSON.stringify(one)).join("\n");
  runPython([script, folder], input);
  return folder;
}

/** What PyTorch computed of a case, by name; the caller owns the tensors. */
export async function referenceResults(folder: string, name: string): Promise<ReadonlyMap<string, tf.Tensor>> {
  const entries = await readWeights(join(folder, `${name}-results.pt`));
  return new Map(
    [...entries].map(([key, { data, shape }]) => [key, tf.tensor(data as Float32Array, [...shape], "float32")]),
  );
}
