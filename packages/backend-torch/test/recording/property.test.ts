import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadAddon } from "../../src/native";
import { obstacle, onTorch } from "../torch";
import { difference } from "./random/history";

onTorch();

/** `AWP_RANDOM_STEPS` and `AWP_RANDOM_SEED` ask for more of them, and for others. */
const count = Number(process.env["AWP_RANDOM_STEPS"] ?? 2400);
const firstSeed = Number(process.env["AWP_RANDOM_SEED"] ?? 1);

/** Where the steps of these seeds differ, compiled from as they are. */
function differences(first: number, steps: number, tolerance: number): string[] {
  const seeds = Array.from({ length: steps }, (_, index) => first + index);
  return seeds.map((seed) => difference(seed, tolerance)).filter((found) => found !== undefined);
}

test(`compiled, ${count} random steps come to what they are, over ten calls and to the bit`, {
  timeout: 1000 * count,
}, () => {
  expect(differences(firstSeed, count, 0)).toEqual([]);
});

describe("variables that are moved in place, as on CUDA", () => {
  beforeEach(() => {
    if (obstacle() === undefined) loadAddon().replayInPlace(1);
  });
  afterEach(() => {
    if (obstacle() === undefined) loadAddon().replayInPlace(0);
  });

  // A variable keeps its order of elements there, and torch's vectors round otherwise than its scalars.
  test(`in ${count / 4} random steps come to what they are within 1e-4`, { timeout: 1000 * count }, () => {
    expect(differences(firstSeed + count, count / 4, 1e-4)).toEqual([]);
  });
});
