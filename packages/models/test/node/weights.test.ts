import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSafetensors, encodeSafetensors, type Images, type Network, random, type StoredTensor } from "@awp/core";
import { goldenPath } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { disposeNetwork, wideResNet } from "../../src";
import { loadWeights, saveWeights } from "../../src/node";

const reference = goldenPath("robust-wrn-10-1/weights.safetensors");

let folder: string;
let path: string;
let network: Network;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "awp-weights-"));
  path = join(folder, "model.safetensors");
  network = wrn(1);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  disposeNetwork(network);
});

const wrn = (seed: number) => wideResNet({ classes: 10, depth: 10, widen: 1, random: random(seed) });

const variables = ({ parameters, buffers }: Network) => [...parameters, ...buffers];

async function valuesOf(network: Network): Promise<(readonly [string, Float32Array])[]> {
  const read = variables(network).map(async ([name, variable]) => [name, await variable.data<"float32">()] as const);
  return Promise.all(read);
}

/** Writes the reference's entries, changed. */
function writeChanged(change: (entries: Map<string, StoredTensor>) => void): void {
  const entries = new Map(decodeSafetensors(readFileSync(reference), reference).entries);
  change(entries);
  writeFileSync(path, encodeSafetensors(entries));
}

const counter: StoredTensor = { dtype: "I64", shape: [], data: BigInt64Array.of(7n) };

describe("what saveWeights writes", () => {
  it("loadWeights reads, bit for bit", async () => {
    const images: Images = tf.ones([2, 8, 8, 3]);
    network.forward(images, "train").dispose(); // moves the running statistics
    await saveWeights(network, path);
    const other = wrn(2);
    await loadWeights(other, path);
    expect(await valuesOf(other)).toEqual(await valuesOf(network));
    disposeNetwork(other);
  });

  it("has PyTorch's names and layouts, and nothing else", async () => {
    await saveWeights(network, path);
    const written = decodeSafetensors(readFileSync(path), path).entries;
    const expected = decodeSafetensors(readFileSync(reference), reference).entries;
    const outline = (entries: typeof written) =>
      Object.fromEntries([...entries].map(([name, { dtype, shape }]) => [name, `${dtype} ${shape.join("×")}`]));
    expect(outline(written)).toEqual(outline(expected));
  });

  it("replaces an older file, and leaves nothing beside it", async () => {
    writeFileSync(path, "old");
    await saveWeights(network, path);
    await loadWeights(network, path);
    expect(readdirSync(folder)).toEqual(["model.safetensors"]);
  });

  it("is not there at all when writing fails", async () => {
    writeFileSync(join(folder, "file"), "");
    const within = join(folder, "file", "model.safetensors");
    await expect(saveWeights(network, within)).rejects.toThrow(`${within}: not written: E`);
    const taken = join(folder, "taken");
    mkdirSync(taken);
    await expect(saveWeights(network, taken)).rejects.toThrow(`${taken}: not written`);
    expect(readdirSync(folder)).toEqual(["file", "taken"]);
  });
});

describe("loadWeights", () => {
  it("takes PyTorch's counters and a module. before every name", async () => {
    writeChanged((entries) => {
      const own = [...entries];
      entries.clear();
      for (const [name, entry] of own) entries.set(`module.${name}`, entry);
      entries.set("module.bn1.num_batches_tracked", counter);
    });
    await loadWeights(network, path);
    const plain = wrn(2);
    await loadWeights(plain, reference);
    expect(await valuesOf(network)).toEqual(await valuesOf(plain));
    disposeNetwork(plain);
  });

  it("drops what it is told is unused", async () => {
    writeChanged((entries) => {
      entries.set("sub_block1.layer.0.bn1.weight", entries.get("bn1.weight") as StoredTensor);
      entries.set("sub_block1.layer.0.bn1.num_batches_tracked", counter);
    });
    await expect(loadWeights(network, path)).rejects.toThrow("sub_block1.layer.0.bn1.weight is not in the network");
    await loadWeights(network, path, { unused: ["sub_block1."] });
  });

  it("gives a network for other classes all but its last layer, which stays fresh", async () => {
    const three = wideResNet({ classes: 3, depth: 10, widen: 1, random: random(4) });
    const fresh = new Map(await valuesOf(three));
    await loadWeights(three, reference, { except: ["fc."] });
    await loadWeights(network, reference);
    const trained = new Map(await valuesOf(network));
    for (const [name, values] of await valuesOf(three)) {
      expect(values, name).toEqual((name.startsWith("fc.") ? fresh : trained).get(name));
    }
    await expect(loadWeights(three, reference)).rejects.toThrow("fc.weight has shape [10, 64], want [3, 64]");
    await expect(loadWeights(three, reference, { except: ["linear."] })).rejects.toThrow('except: got "linear."');
    disposeNetwork(three);
  });

  it.each<[string, (entries: Map<string, StoredTensor>) => void, string]>([
    ["lacks an entry", (entries) => entries.delete("fc.bias"), "fc.bias is missing"],
    ["lacks a running statistic", (entries) => entries.delete("bn1.running_var"), "bn1.running_var is missing"],
    ["has one too many", (entries) => entries.set("fc2.bias", counter), "fc2.bias is not in the network"],
    [
      "has one of another shape",
      (entries) => entries.set("fc.bias", { dtype: "F32", shape: [3], data: new Float32Array(3) }),
      "fc.bias has shape [3], want [10]",
    ],
  ])("refuses a file that %s, and then assigns nothing", async (_, change, message) => {
    writeChanged(change);
    const before = await valuesOf(network);
    const attempt = loadWeights(network, path);
    await expect(attempt).rejects.toThrow(path);
    await expect(attempt).rejects.toThrow(message);
    expect(await valuesOf(network)).toEqual(before);
  });

  it("names a file that is not there, or is none", async () => {
    await expect(loadWeights(network, path)).rejects.toThrow(`${path}: no such file`);
    writeFileSync(path, "not safetensors");
    await expect(loadWeights(network, path)).rejects.toThrow(path);
  });

  it("leaves no tensor but the variables", async () => {
    await expect(() => loadWeights(network, reference)).toAllocateAsync(0);
    await expect(() => saveWeights(network, path)).toAllocateAsync(0);
  });
});
