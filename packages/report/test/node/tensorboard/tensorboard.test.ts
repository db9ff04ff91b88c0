import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { tensorBoardWriter } from "../../../src/node";
import { crc32c } from "../../../src/node/tensorboard/crc32c";
import { record } from "../../../src/node/tensorboard/record";
import { bytesOf, doubleOf, fieldsIn, floatOf, only, recordsIn, textOf } from "./reading";

const bytes = (length: number, of: (i: number) => number): Uint8Array => Uint8Array.from({ length }, (_, i) => of(i));

describe("CRC-32C", () => {
  test.each([
    // RFC 3720, appendix B.4, and the check value of the Castagnoli polynomial.
    ["32 zeros", bytes(32, () => 0), 0x8a9136aa],
    ["32 ones", bytes(32, () => 0xff), 0x62a8ab43],
    ["ascending bytes", bytes(32, (i) => i), 0x46dd794e],
    ["descending bytes", bytes(32, (i) => 31 - i), 0x113fdb5c],
    ["123456789", new TextEncoder().encode("123456789"), 0xe3069283],
    ["nothing", bytes(0, () => 0), 0],
  ])("of %s is the published one", (_, data, crc) => {
    expect(crc32c(data)).toBe(crc);
  });

  test("stands masked behind a length, as in the first bytes of TensorFlow's own event files", () => {
    const first = record(bytes(24, () => 0)).subarray(0, 12);
    expect(Buffer.from(first).toString("hex")).toBe("1800000000000000a37f4b22");
  });
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "awp-report-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const now = (): number => 1_700_000_000_250;

/** The events of a file, once each of its checksums is found to be right. */
async function eventsIn(path: string) {
  const records = recordsIn(await readFile(path));
  return records.map(({ data, checksums }) => {
    const length = new Uint8Array(new BigUint64Array([BigInt(data.length)]).buffer);
    expect(checksums.map(unmasked)).toEqual([crc32c(length), crc32c(data)]);
    return fieldsIn(data);
  });
}

/** TensorFlow's `crc32c::Unmask`. */
function unmasked(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

describe("an event file", () => {
  test("begins with its version and has the scalars, their step and their time", async () => {
    const writer = tensorBoardWriter(join(await temporaryFolder(), "at/seed-1"), { now });
    writer.scalars(300, { loss: 2.25, "validation/robust": 0.1 });
    writer.scalars(2 ** 33, { ε: Number.NaN });
    const [version = [], first = [], second = [], ...more] = await eventsIn(writer.path);
    expect(more).toEqual([]);
    expect(textOf(only(version, 3))).toBe("brain.Event:2");
    expect(doubleOf(only(version, 1))).toBe(1_700_000_000.25);

    expect(doubleOf(only(first, 1))).toBe(1_700_000_000.25);
    expect(only(first, 2)).toBe(300n);
    const values = fieldsIn(bytesOf(only(first, 5))).map(([number, value]) => {
      expect(number).toBe(1);
      const fields = fieldsIn(value as Uint8Array);
      return [textOf(only(fields, 1)), floatOf(only(fields, 2))];
    });
    expect(values).toEqual([
      ["loss", 2.25],
      ["validation/robust", Math.fround(0.1)],
    ]);

    expect(only(second, 2)).toBe(2n ** 33n);
    const [[, value] = [0, 0n]] = fieldsIn(bytesOf(only(second, 5)));
    expect(textOf(only(fieldsIn(bytesOf(value)), 1))).toBe("ε");
    expect(floatOf(only(fieldsIn(bytesOf(value)), 2))).toBeNaN();
  });

  test("of a run that goes on is a new one, read after the old one, which says from which step on", async () => {
    const folder = await temporaryFolder();
    const before = tensorBoardWriter(folder, { now });
    const again = tensorBoardWriter(folder, { now, restartAt: 7 });
    const later = tensorBoardWriter(folder, { now: () => now() + 5000, restartAt: 9 });
    again.scalars(7, { loss: 1 });
    const files = [before, again, later].map(({ path }) => basename(path));
    expect((await readdir(folder)).sort()).toEqual(files);
    expect(files[0]).toMatch(/^events\.out\.tfevents\.1700000000\./);
    const [, start = []] = await eventsIn(again.path);
    expect(only(start, 2)).toBe(7n);
    // SessionLog.status START.
    expect(fieldsIn(bytesOf(only(start, 7)))).toEqual([[1, 1n]]);
  });

  test("is refused where it cannot be meant", async () => {
    expect(() => tensorBoardWriter("")).toThrow(/folder/);
    const folder = join(await temporaryFolder(), "new");
    expect(() => tensorBoardWriter(folder, { restartAt: -1 })).toThrow(/restartAt: got -1/);
    await expect(readdir(folder)).rejects.toThrow("ENOENT");
    expect(() => tensorBoardWriter(folder).scalars(0.5, {})).toThrow(/step: got 0\.5/);
  });
});
