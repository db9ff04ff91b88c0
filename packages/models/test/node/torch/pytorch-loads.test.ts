import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Images, random, type StoredTensor, uniform } from "@awp/core";
import { relativeDeviation, runPython, skipWithoutTorch } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { disposeNetwork, smallCnn } from "../../../src";
import { loadWeights, readWeights, saveWeights, writeWeights } from "../../../src/node";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "awp-twin-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const twin = fileURLToPath(new URL("twin.py", import.meta.url));

it("PyTorch loads the .pt that saveWeights writes, strictly, and has the same logits", async (context) => {
  skipWithoutTorch(context);
  const network = smallCnn({ classes: 10, widths: [4, 8], random: random(1) });
  const x = uniform(random(2), [2, 8, 8, 3]) as Images;
  network.forward(x, "train").dispose(); // moves the running statistics
  const [file, images] = [join(folder, "model.pt"), join(folder, "images")];
  await saveWeights(network, file);
  const planes = tf.transpose(x, [0, 3, 1, 2]);
  writeFileSync(images, planes.dataSync<"float32">());

  const { type, kinds, logits } = JSON.parse(runPython([twin, file, images])) as Loaded;
  const own = network.forward(x, "eval");
  expect(relativeDeviation(own.dataSync(), logits)).toBeLessThan(1e-5);
  expect(type).toBe("OrderedDict");
  expect(Object.keys(kinds)).toEqual([...network.parameters.keys(), ...network.buffers.keys()]);
  expect(kinds["conv2.weight"]).toBe("torch.float32 [8, 4, 3, 3] True");

  const other = smallCnn({ classes: 10, widths: [4, 8], random: random(3) });
  await loadWeights(other, file);
  const again = other.forward(x, "eval");
  expect(again.dataSync()).toEqual(own.dataSync());
  tf.dispose([x, planes, own, again]);
  for (const each of [network, other]) disposeNetwork(each);
});

interface Loaded {
  readonly type: string;
  readonly kinds: Readonly<Record<string, string>>;
  readonly logits: readonly number[];
}

describe("tensors of every type", () => {
  const entries = new Map<string, StoredTensor>([
    ["a.double", { dtype: "F64", shape: [2], data: Float64Array.of(1.5, Number.NaN) }],
    ["a.float", { dtype: "F32", shape: [2, 1, 2], data: Float32Array.of(1, -0, Number.POSITIVE_INFINITY, 1e-40) }],
    ["a.half", { dtype: "F16", shape: [3], data: Uint16Array.of(0x3c00, 1, 0xfc00) }],
    ["a.bfloat", { dtype: "BF16", shape: [1], data: Uint16Array.of(0x3fc0) }],
    ["a.count", { dtype: "I64", shape: [], data: BigInt64Array.of(-(2n ** 60n)) }],
    ["a.int", { dtype: "I32", shape: [1], data: Int32Array.of(-5) }],
    ["a.short", { dtype: "I16", shape: [2], data: Int16Array.of(-300, 7) }],
    ["a.char", { dtype: "I8", shape: [1], data: Int8Array.of(-1) }],
    ["a.byte", { dtype: "U8", shape: [0, 3], data: new Uint8Array() }],
    ["a.ünïcode ☃", { dtype: "BOOL", shape: [2], data: Uint8Array.of(0, 1) }],
  ]);

  it.each(["safetensors", "pt"])("are in a .%s as they were", async (extension) => {
    const path = join(folder, `all.${extension}`);
    await writeWeights(entries, path);
    const read = await readWeights(path);
    expect(new Map([...read].sort())).toEqual(new Map([...entries].sort()));
  });

  it("are in a .pt at multiples of 64 bytes, in the same bytes each time", async () => {
    const [one, two] = [join(folder, "one.pt"), join(folder, "two.pt")];
    await writeWeights(entries, one);
    await writeWeights(entries, two);
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
    expect(readFileSync(one).indexOf(Buffer.from(Int16Array.of(-300, 7).buffer)) % 64).toBe(0);
  });
});
