import type { Parameters } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { directionOf } from "./direction";
import type { Plane } from "./plane-through";
import { spanOf } from "./span";
import type { Weights } from "./stored-weights";

/** The plane on which a training's way is seen best. */
export interface Trajectory extends Plane {
  /** The share of the squared distances from the network that is seen along each direction, from 0 to 1. */
  readonly explained: readonly [number, number];
}

/**
 * The way of a training through its weight space: the two principal directions of its checkpoints around the network's
 * weights, which are usually those of the last one, and each checkpoint's place on their plane. The directions have length
 * 1; all parameters move, and running statistics do not. The caller disposes it.
 *
 * The components are of the vectors from the network as they are, not from their mean, so that the network is at `[0, 0]`.
 *
 * @example
 * const entriesOf = async (path: string) => decodeSafetensors(await readFile(path)).entries;
 * const checkpoints = await Promise.all(["epoch-1.safetensors", "epoch-100.safetensors"].map(entriesOf));
 * const { directions, coordinates, explained } = await trajectory(network.parameters, checkpoints);
 * @throws ArgumentError for checkpoints that span no plane with the network, or a shape that is not the parameter's;
 * AwpError for weights of other names.
 * @see Li et al. 2018, arXiv:1712.09913, section 7
 */
export async function trajectory(parameters: Parameters, checkpoints: readonly Weights[]): Promise<Trajectory> {
  requireArgument(checkpoints.length >= 2, "checkpoints", checkpoints.length, "at least two, beside the network's own");
  const span = await spanOf(parameters, checkpoints, "checkpoints");
  try {
    const gram = new Matrix(span.products.map((row) => [...row]));
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
    const total = gram.trace();
    const principal = realEigenvalues
      .map((value, column) => ({ value, vector: eigenvectorMatrix.getColumn(column) }))
      .sort((a, b) => b.value - a.value)
      .slice(0, 2);
    const spread = principal.every(({ value }) => value > 1e-6 * total);
    requireArgument(
      spread,
      "checkpoints",
      "weights on one line with the network's",
      "weights that span a plane with them",
    );
    const [first, second] = principal.map(({ value, vector }, place) =>
      directionOf(span.combined(vector.map((entry) => entry / Math.sqrt(value))), `principal component ${place + 1}`),
    ) as [ReturnType<typeof directionOf>, ReturnType<typeof directionOf>];
    const [along, across] = principal.map(({ value, vector }) => vector.map((entry) => entry * Math.sqrt(value)));
    return {
      directions: [first, second],
      coordinates: checkpoints.map((_, k) => [along?.[k] as number, across?.[k] as number] as const),
      explained: principal.map(({ value }) => value / total) as [number, number],
      dispose: () => [first, second].forEach((direction) => direction.dispose()),
    };
  } finally {
    span.dispose();
  }
}
