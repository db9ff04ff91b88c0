import { expect, test } from "vitest";
import { onTorch } from "../torch";
import { movingVariables } from "./histories";
import { difference } from "./random/history";

onTorch();

/** `AWP_RANDOM_STEPS` and `AWP_RANDOM_SEED` ask for more of them, and for others. */
const count = Number(process.env["AWP_RANDOM_STEPS"] ?? 2400);
const firstSeed = Number(process.env["AWP_RANDOM_SEED"] ?? 1);

const timeout = 1000 * (60 + count);

movingVariables((inPlace) => {
  // In place a variable keeps its order of elements, and torch's vectors round otherwise than its scalars.
  const [tolerance, closeness] = inPlace ? [1e-4, "within 1e-4"] : [0, "to the bit"];
  const steps = inPlace ? Math.ceil(count / 4) : count;
  test(`${steps} random steps, compiled, come to what they are, over ten calls and ${closeness}`, { timeout }, () => {
    const seeds = Array.from({ length: steps }, (_, index) => firstSeed + index);
    const differences = seeds.map((seed) => difference(seed, tolerance));
    expect(differences.filter((found) => found !== undefined)).toEqual([]);
  });
});
