import { storedZip } from "@awp/core/node";

/** Storages by their keys. */
type Storages = Readonly<Record<string, Uint8Array>>;

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

/** A file in the format since PyTorch 1.6, of a pickle that may be anything. */
export function archiveOf(pickle: string, storages: Storages = {}, others: Storages = {}): Buffer {
  const entries = Object.entries(storages).map(([key, bytes]) => [`any name/data/${key}`, bytes] as const);
  const more = Object.entries(others).map(([name, bytes]) => [`any name/${name}`, bytes] as const);
  return Buffer.concat([...storedZip([["any name/data.pkl", latin1(pickle)], ...entries, ...more])]);
}

/** A file in the format before, of storages of float32. */
export function legacyOf(pickle: string, storages: Storages = {}): Buffer {
  const magic = Buffer.from("80028a0a6cfc9c46f9206aa850192e", "hex");
  const system = "\x80\x02}X\x0d\0\0\0little_endian\x88s.";
  const keys = `\x80\x02](${Object.keys(storages).map(text).join("")}e.`;
  const values = Object.values(storages).flatMap((bytes) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(bytes.length / 4));
    return [length, bytes];
  });
  return Buffer.concat([magic, latin1(`\x80\x02M\xe9\x03.${system}${pickle}${keys}`), ...values]);
}

/** A text, in the letters of a pickle. */
export function text(value: string): string {
  return `X${String.fromCharCode(value.length)}\0\0\0${value}`;
}

/** An integer in the letters of a pickle. */
export function integer(value: number | bigint): string {
  return `L${value}L\n`;
}

/** What {@link tensor} says, where it is not a vector of all of its storage. */
interface View {
  readonly type?: string;
  readonly key?: string;
  readonly count?: number | bigint;
  readonly offset?: number | bigint;
  readonly shape?: readonly (number | bigint)[];
  readonly strides?: readonly (number | bigint)[];
}

/** A tensor in the letters of a pickle: [1, 2, 3] of the storage "0", if nothing else is said. */
export function tensor(view: View = {}): string {
  const { type = "FloatStorage", key = "0", count = 3, offset = 0, shape = [3], strides = [1] } = view;
  const id = `(${text("storage")}ctorch\n${type}\n${text(key)}${text("cpu")}${integer(count)}tQ`;
  const sizes = [shape, strides].map((each) => `(${each.map(integer).join("")}t`).join("");
  return `ctorch._utils\n_rebuild_tensor_v2\n(${id}${integer(offset)}${sizes}\x89)tR`;
}

/** A dict of texts and of what is given in the letters of a pickle. */
export function dict(entries: Readonly<Record<string, string>>): string {
  const items = Object.entries(entries).map(([name, value]) => text(name) + value);
  return `}(${items.join("")}u`;
}

/** The storage of {@link tensor}. */
export const oneTwoThree: Uint8Array = new Uint8Array(Float32Array.of(1, 2, 3).buffer);
