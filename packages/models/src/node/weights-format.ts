import type { Fail } from "@awp/core/node";
import { latin1 } from "@awp/core/node";
import { isLegacy } from "./torch/legacy";

/** How many of a file's first bytes tell its format. */
export const headLength = 512;

/** The formats of weights: safetensors, and PyTorch's two. */
export type WeightsFormat = "safetensors" | "archive" | "legacy";

/** The format that a file's first bytes show, whatever its name; one without weights fails, and is told what it seems to be. */
export function weightsFormat(head: Uint8Array, fail: Fail): WeightsFormat {
  const text = latin1(head);
  if (text.startsWith("PK\x03\x04") || text.startsWith("PK\x05\x06")) return "archive";
  if (isLegacy(head)) return "legacy";
  if (head.length > 8 && text[8] === "{" && isHeaderLength(head)) return "safetensors";
  const [, kind] = kinds.find(([start]) => (typeof start === "string" ? text.startsWith(start) : start.test(text))) ?? [
    undefined,
    `begins with ${begin(head)}`,
  ];
  return fail(`is neither a .safetensors nor a file of PyTorch's: it ${kind}`);
}

/** A length that a header of safetensors may have. */
function isHeaderLength(head: Uint8Array): boolean {
  return new DataView(head.buffer, head.byteOffset).getBigUint64(0, true) <= 100_000_000n;
}

function begin(head: Uint8Array): string {
  return `the bytes ${Buffer.from(head.subarray(0, 8)).toString("hex")}`;
}

/** Other files that come under these names, by how they begin. */
const kinds: readonly (readonly [start: RegExp | string, kind: string])[] = [
  [/^$/, "is empty"],
  ["version https://git-lfs", "is a pointer of Git LFS in place of the file, which `git lfs pull` fetches"],
  [
    /^(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|!--)/i,
    "is a web page: the server answered with HTML in place of the file, to confirm or to sign in; get it with a browser",
  ],
  [/^(\xef\xbb\xbf)?\s*</, "is an XML document, by which servers tell of errors"],
  [/^(\xef\xbb\xbf)?\s*[{[]/, "is a JSON document"],
  [/^.{257}ustar/s, "is a tar archive, as PyTorch 0.1 wrote; in Python, torch.save(torch.load(path), other)"],
  ["\x1f\x8b", "is compressed by gzip; unpack it first"],
  ["BZh", "is compressed by bzip2; unpack it first"],
  ["\xfd7zXZ", "is compressed by xz; unpack it first"],
  ["\x28\xb5\x2f\xfd", "is compressed by zstd; unpack it first"],
  ["\x89HDF", "is an HDF5 file, as Keras writes"],
  ["\x93NUMPY", "is an array of NumPy's"],
  ["\x80", "is a pickle that torch.save did not write"],
  [/^[\t\n\r\x20-\x7e]+$/, "is text"],
];
