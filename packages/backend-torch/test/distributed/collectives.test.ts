import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { obstacle } from "../torch";
import { prepareProgram, runScenario } from "./program";
import { entry, lists } from "./shapes";

const size = 3;

interface Found {
  readonly found: Record<
    string,
    { shapes: unknown; sums: Digest[]; first: Digest[]; bits: string; inputsKept: boolean }
  >;
  readonly before: object;
  readonly kept: object;
  readonly order: number[];
  readonly gathered: number[][][];
  readonly between: number[][];
  readonly replayed: number[][];
  readonly ordered: number[];
  readonly afterwards: number[][];
  readonly second: { message: string };
  readonly left: { message: string };
}

interface Digest {
  first: number[];
  last: number | null;
  regular: boolean;
}

async function answers<Answer>(scenario: string, ranks: number): Promise<Answer[]> {
  return (await runScenario(scenario, { size: ranks, limit: 110_000 })).map(({ code, stdout, stderr }) => {
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as Answer;
  });
}

prepareProgram();

describe("three processes on loopback", () => {
  const reason = obstacle();
  let ranks: Found[] = [];
  beforeAll(async () => {
    if (reason === undefined) ranks = await answers<Found>("collectives", size);
  }, 120_000);
  beforeEach((context) => context.skip(reason !== undefined, reason ?? ""));

  const expected = (list: readonly (readonly number[])[], of: (tensor: number, element: number) => number): Digest[] =>
    list.map((shape, t) => {
      const length = tf.util.sizeFromShape([...shape]);
      const values = Array.from({ length: Math.min(length, 7) }, (_, e) => of(t, e));
      return { first: values, last: length === 0 ? null : of(t, length - 1), regular: true };
    });

  test.each(Object.entries(lists))("sums and broadcasts tensors: %s", (name, list) => {
    for (const { found } of ranks) {
      const { shapes, sums, first, bits, inputsKept } = found[name] as Found["found"][string];
      expect(shapes).toEqual(list.map((shape) => [shape, "float32"]));
      // The sum over r = 0, 1, 2 of r·1000 + x is 3000 + 3x.
      expect(sums).toEqual(expected(list, (t, e) => 3000 + 3 * entry(0, t, e)));
      expect(first).toEqual(expected(list, (t, e) => entry(0, t, e)));
      expect(bits).toBe(ranks[0]?.found[name]?.bits);
      expect(inputsKept).toBe(true);
    }
  });

  test("leaves no tensor behind but those it returns", () => {
    for (const { before, kept } of ranks) expect(kept).toEqual(before);
  });

  test("gathers values of any length by rank, in the order of the calls, while tensors are summed", () => {
    const call = (i: number): number[][] => [0, 1, 2].map((rank) => [i, rank, rank === 1 ? 100_000 : i, rank]);
    for (const { order, gathered, between } of ranks) {
      expect(order).toEqual([0, 1, 2, 3, 4]);
      expect(gathered).toEqual([0, 1, 2, 3, 4].map(call));
      expect(between).toEqual([[3]]);
    }
  });

  test("a recorded step sums anew at every replay", () => {
    // w starts as [1, 2]; each call adds (0 + 1 + 2)·w₀ and 3·call·w₁, and returns what it adds.
    const weight = [1, 2];
    const sums = Array.from({ length: 6 }, (_, call) => {
      const sum = [3 * (weight[0] as number), 3 * call * (weight[1] as number)];
      sum.forEach((value, i) => (weight[i] = (weight[i] as number) + value));
      return sum;
    });
    for (const { replayed } of ranks) expect(replayed).toEqual(sums);
  });

  test("sums filters that one rank holds in another order of elements", () => {
    for (const { ordered } of ranks) expect(ordered).toEqual([3, 6, 9, 12, 15]);
  });

  test("a process leaves and joins again, and is in one group at a time", () => {
    for (const { afterwards, second, left } of ranks) {
      expect(afterwards).toEqual([[3]]);
      expect(second.message).toContain("has joined a group already");
      expect(left.message).toContain("has not joined a group");
    }
  });

  test("a value of one rank takes no memory for each of the others", async () => {
    for (const { taken, right } of await answers<{ taken: number; right: boolean }>("memory", 4)) {
      expect(right).toBe(true);
      // It comes as bytes, is handed to JavaScript as bytes, and read from those; rank 0 made it and wrote it before.
      expect(taken).toBeLessThan(6);
    }
  });

  test("works by way of the host's memory on another backend", async () => {
    for (const answer of await answers("elsewhere", 2)) {
      expect(answer).toEqual({
        backend: "cpu",
        shapes: [
          [1, 2],
          [0, 2],
        ],
        sum: [[1, 2]],
        first: [[0], [1, 1], [0]],
        types: ["int32", "bool", "float32"],
        signKept: true,
      });
    }
  });
});
