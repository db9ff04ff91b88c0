import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonWithTorch, runPython, skipWithoutTorch } from "@awp/testing";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { readWeights, unwrapped } from "../../../src/node";

/** What PyTorch says is in a file. */
interface Expected {
  readonly key: string | null;
  readonly tensors: Readonly<Record<string, { dtype: string; shape: readonly number[]; bytes: string }>>;
}

const folder = mkdtempSync(join(tmpdir(), "awp-pytorch-"));
if (pythonWithTorch() !== undefined) runPython([fileURLToPath(new URL("files.py", import.meta.url)), folder]);
const path = join(folder, "expected.json");
const expected = (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {}) as Record<string, Expected>;

beforeEach(skipWithoutTorch);
afterAll(() => rmSync(folder, { recursive: true }));

const dtypes: Readonly<Record<string, string>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};

async function read(file: string, key?: string | null): Promise<Expected["tensors"]> {
  const tensors = await readWeights(join(folder, file), { key: key ?? undefined });
  const seen = [...tensors].map(([name, { dtype, shape, data }]) => {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex");
    return [name, { dtype: dtypes[dtype], shape, bytes }] as const;
  });
  return Object.fromEntries(seen) as Expected["tensors"];
}

const names = ["types", "special", "views", "network", "protocol-4", "dmat", "usual", "named", "dotted", "parameters"];
const keys = ["state_dict", "model_state_dict", "model", "net", "last", "ema", "anything"];

describe.each(["zip", "legacy"])("PyTorch's files in the format %s", (format) => {
  it.each([...names, "attributes", ...keys.map((key) => `under ${key}`)])(
    "have the tensors of %s, bit for bit and in order",
    async (name) => {
      const file = `${name}-${format}.pt`;
      const { key, tensors } = expected[file] as Expected;
      const seen = await read(file, key);
      expect(seen).toEqual(tensors);
      expect(Object.keys(seen)).toEqual(Object.keys(tensors));
    },
  );

  it.each(["module.", "model.", "_orig_mod.", "module._orig_mod.model."])(
    "have names that are taken out of %s, and left where the network has it",
    async (prefix) => {
      const file = `wrapped by ${prefix}-${format}.pt`;
      const tensors = await readWeights(join(folder, file));
      expect(Object.keys((expected[file] as Expected).tensors)).toEqual([...tensors.keys()]);
      const plain = Object.keys((expected[`network-${format}.pt`] as Expected).tensors);
      expect([...unwrapped(tensors).keys()]).toEqual(plain);
      const own = plain.map((name) => prefix + name);
      expect([...unwrapped(tensors, own).keys()]).toEqual(own);
    },
  );

  it("have no other key than they have", async () => {
    await expect(read(`dmat-${format}.pt`, "ema")).rejects.toThrow(/has no "ema", but "epoch", "best"/);
    await expect(read(`dmat-${format}.pt`, "epoch")).rejects.toThrow(/holds 3 in "epoch", want a dict of tensors/);
    await expect(read(`dotted-${format}.pt`)).rejects.toThrow(
      /holds tensors in "optimizer\.state\.0", .*"nets\.best\.last\.ema"; say which by its key/,
    );
  });
});
