import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Images, random } from "@awp/core";
import { vectorJacobian } from "@awp/core/authoring";
import { relativeDeviation } from "@awp/testing";
import type * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { disposeNetwork } from "../../../src";
import { loadWeights, readWeights } from "../../../src/node";
import type { NetworkCase } from "./cases";
import { referenceResults } from "./reference";

/** Asserts that our network computes what PyTorch does in both modes, with the weights of PyTorch's files. */
export async function expectSame({ name, build, unused }: NetworkCase, folder: string): Promise<void> {
  const network = build({ random: random(1) });
  try {
    const path = join(folder, `${name}.pt`);
    await loadWeights(network, path, { unused: unused?.(network) ?? [] });
    expect(await contents(join(folder, `${name}-legacy.pt`))).toEqual(await contents(path));
    const reference = await referenceResults(folder, name);
    const of = (key: string) => reference.get(key) as tf.Tensor;
    const x = of("images") as Images;

    const logits = vectorJacobian((x) => network.forward(x, "eval"), x);
    const gradient = logits.gradient(of("weights"));
    logits.dispose();
    // 50 layers cost PyTorch's own float32 logits 1e-5 and more.
    const rounding = relativeDeviation(of("single"), of("logits"));
    expect(relativeDeviation(logits.value, of("logits"))).toBeLessThan(Math.max(1e-5, 2 * rounding));
    expect(relativeDeviation(gradient, of("gradient"))).toBeLessThan(1e-4);
    expect(relativeDeviation(network.forward(x, "train"), of("train"))).toBeLessThan(1e-4);
    for (const [name, buffer] of network.buffers) {
      if (name.endsWith("threshold")) continue;
      expect(relativeDeviation(buffer, of(`moved.${name}`)), name).toBeLessThan(1e-4);
    }
  } finally {
    disposeNetwork(network);
  }
}

/** A digest of each tensor of a file. */
async function contents(path: string): Promise<readonly string[]> {
  return [...(await readWeights(path))].map(([name, { dtype, shape, data }]) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return `${name} ${dtype} [${shape.join()}] ${createHash("sha256").update(bytes).digest("hex")}`;
  });
}
