import { encodeSafetensors, type StoredTensor } from "@awp/core";
import { storedZip } from "@awp/core/node";
import { afterAll, describe, expect, it } from "vitest";
import { oneTwoThree } from "./assembled";
import { writtenFiles } from "./written-files";

const files = writtenFiles();
const { read, refusal } = files;
afterAll(() => files.remove());

describe("a file that is no weights", () => {
  const tar = Buffer.alloc(1024);
  tar.write("storages", 0);
  tar.write("ustar", 257);
  it.each<[string, Uint8Array | string, RegExp]>([
    ["empty", "", /it is empty/],
    ["a page", "\n <!DOCTYPE HTML><html><head>", /it is a web page: the server answered with HTML/],
    [
      "a pointer",
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n",
      /pointer of Git LFS.*git lfs pull/,
    ],
    ["a server's error", '<?xml version="1.0"?><Error>', /an XML document/],
    ["a JSON document", '{"error": "not found"}', /a JSON document/],
    ["a tar of PyTorch 0.1", tar, /a tar archive, as PyTorch 0\.1 wrote/],
    ["compressed", Buffer.from("1f8b0800", "hex"), /compressed by gzip/],
    ["Keras's", Buffer.from("894844460d0a1a0a", "hex"), /an HDF5 file/],
    ["another pickle", Buffer.from("80027d2e", "hex"), /a pickle that torch\.save did not write/],
    ["text", "no such checkpoint\n", /it is text/],
    ["anything", Buffer.from("deadbeefdeadbeef", "hex"), /begins with the bytes deadbeefdeadbeef/],
    [
      "a zip of something else",
      Buffer.concat([...storedZip([["image.npy", oneTwoThree]])]),
      /not one that torch\.save wrote: it has image\.npy/,
    ],
    ["an empty zip", Buffer.from(`504b0506${"00".repeat(18)}`, "hex"), /it has no entry/],
  ])("is told apart: %s", async (_, content, message) => {
    expect(await refusal(Buffer.from(content as string))).toMatch(message);
  });

  it("is one where safetensors are called .pt, which has no key", async () => {
    const entries = new Map<string, StoredTensor>([["w", { dtype: "F32", shape: [1], data: Float32Array.of(4) }]]);
    expect(await read(encodeSafetensors(entries))).toEqual(entries);
    expect(await refusal(encodeSafetensors(entries), "model")).toMatch(/is a \.safetensors, which has no "model"/);
  });
});
