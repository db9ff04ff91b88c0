import { existsSync } from "node:fs";
import { join } from "node:path";
import type { StoredTensor } from "@awp/core";
import { readOrRefused } from "@awp/testing";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { archiveOf, dict, legacyOf, oneTwoThree, tensor, text } from "./assembled";
import { encodeCheckpoint } from "../../../src/node/torch/encode-checkpoint";
import { writtenFiles } from "./written-files";

const files = writtenFiles();
afterAll(() => files.remove());

const marker = join(files.folder, "owned");
const count = process.env["AWP_LONG_TESTS"] === "1" ? 10_000 : 1000;

/** What trainings write, and what would run a program in Python. */
const pickles = [
  `${dict({ w: tensor(), "b.weight": tensor({ offset: 1, shape: [2, 1], strides: [1, 9] }), epoch: "K\x05" })}.`,
  `${dict({ state_dict: `ccollections\nOrderedDict\n)R(${text("w")}${tensor()}u`, ema: dict({ w: tensor() }) })}.`,
  `\x80\x02}q\0(${text("a")}h\0${text("numbers")}](K\x01M\x01\x02G?\xf0\0\0\0\0\0\0Ne${text("w")}${tensor()}u.`,
  `${dict({ w: tensor(), x: `cos\nsystem\n(${text(`touch ${marker}`)}tR` })}.`,
];
const storages = { "0": oneTwoThree };
const plain = new Map<string, StoredTensor>([
  ["weight", { dtype: "F32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
  ["count", { dtype: "I64", shape: [], data: BigInt64Array.of(3n) }],
]);
const seeds: readonly Buffer[] = [
  ...pickles.flatMap((pickle) => [archiveOf(pickle, storages), legacyOf(pickle, storages)]),
  Buffer.concat([...encodeCheckpoint(plain)]),
];

const byte = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255));
const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const at = (share: number, bytes: Uint8Array): number => Math.floor(share * bytes.length);

type Change = (bytes: Buffer) => Buffer;

/** One change of a file: a byte or a bit of it, its end, a part that goes, comes twice or comes from another file. */
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(place, byte).map(
    ([where, value]): Change =>
      (bytes) => {
        const changed = Buffer.from(bytes);
        changed[at(where, bytes)] = value;
        return changed;
      },
  ),
  fc.tuple(place, fc.nat(7)).map(
    ([where, bit]): Change =>
      (bytes) => {
        const changed = Buffer.from(bytes);
        changed[at(where, bytes)] = (bytes[at(where, bytes)] ?? 0) ^ (1 << bit);
        return changed;
      },
  ),
  place.map(
    (where): Change =>
      (bytes) =>
        bytes.subarray(0, at(where, bytes)),
  ),
  fc.tuple(place, fc.nat(64)).map(
    ([where, length]): Change =>
      (bytes) => {
        const start = at(where, bytes);
        return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)]);
      },
  ),
  fc.tuple(place, place, place, fc.nat(64)).map(
    ([into, which, from, length]): Change =>
      (bytes) => {
        const other = seeds[Math.floor(which * seeds.length)] as Buffer;
        const part = other.subarray(at(from, other), at(from, other) + length);
        return Buffer.concat([bytes.subarray(0, at(into, bytes)), part, bytes.subarray(at(into, bytes))]);
      },
  ),
);
const changes = fc.array(change, { minLength: 1, maxLength: 2 });
const applied = (bytes: Buffer, all: readonly Change[]): Buffer => all.reduce((now, one) => one(now), bytes);

/** Changed files, and whole ones of changed pickles: a checksum would hide those from the reader. */
const fuzzed = fc.oneof(
  fc.tuple(fc.constantFrom(...seeds), changes).map(([seed, all]) => applied(seed, all)),
  fc.tuple(fc.constantFrom(...pickles), changes, fc.boolean()).map(([pickle, all, legacy]) => {
    const changed = applied(Buffer.from(pickle, "latin1"), all).toString("latin1");
    return (legacy ? legacyOf : archiveOf)(changed, storages);
  }),
);

it(`${count} damaged files are read or refused by name, and none runs anything`, { timeout: 120_000 }, async () => {
  const outcomes = { read: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(fuzzed, async (bytes) => {
      outcomes[await readOrRefused(() => files.read(bytes), files.path)]++;
    }),
    { numRuns: count },
  );
  // Both happen: it is neither refused as a whole nor read whatever it says.
  expect(outcomes.read).toBeGreaterThan(0);
  expect(outcomes.refused).toBeGreaterThan(count / 2);
  expect(existsSync(marker)).toBe(false);
});
