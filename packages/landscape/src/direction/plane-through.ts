import type { Parameters } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import { type Direction, directionOf } from "./direction";
import { spanOf } from "./span";
import type { Weights } from "./stored-weights";

/** A plane of weights around a network. */
export interface Plane {
  /** Two at right angles and of length 1, over all parameters together: positions are distances in weight space. */
  readonly directions: readonly [Direction, Direction];
  /** Where the weights that it was made of lie on it, `[α, β]` each. The network itself is at `[0, 0]`. */
  readonly coordinates: readonly (readonly [number, number])[];
  dispose(): void;
}

/**
 * The plane of three checkpoints: the network's weights at `[0, 0]`, `a` on the first axis and `b`, as `coordinates` tells
 * in this order. All parameters move, and running statistics do not, as with `directionTo`. The caller disposes it.
 *
 * @example
 * const entriesOf = async (path: string) => decodeSafetensors(await readFile(path)).entries;
 * const [second, third] = [await entriesOf("seed-2.safetensors"), await entriesOf("seed-3.safetensors")];
 * const { directions, coordinates } = await planeThrough(network.parameters, second, third);
 * @throws ArgumentError for weights on one line, or a shape that is not the parameter's; AwpError for weights of other names.
 * @see Garipov et al. 2018, arXiv:1802.10026
 */
export async function planeThrough(parameters: Parameters, a: Weights, b: Weights): Promise<Plane> {
  const span = await spanOf(parameters, [a, b], "checkpoints");
  try {
    const [[aa = 0, ab = 0] = [], [, bb = 0] = []] = span.products;
    requireArgument(aa > 0, "a", "the network's own weights", "other ones");
    const length = Math.sqrt(aa);
    const along = ab / length;
    const square = bb - along ** 2;
    // Rounding of the products in float32 leaves so much of the square of a vector that lies on the line.
    requireArgument(
      square > 1e-6 * bb,
      "b",
      "weights on one line with the network's and a",
      "weights beside that line",
    );
    const across = Math.sqrt(square);
    const first = directionOf(span.combined([1 / length, 0]), "towards the first checkpoint");
    const second = directionOf(span.combined([-ab / aa / across, 1 / across]), "towards the second, at right angles");
    return {
      directions: [first, second],
      coordinates: [
        [length, 0],
        [along, across],
      ],
      dispose: () => [first, second].forEach((direction) => direction.dispose()),
    };
  } finally {
    span.dispose();
  }
}
