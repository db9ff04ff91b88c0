import type { Parameters } from "@awp/core";
import { requireArgument, requireShape } from "@awp/core/authoring";
import type { Direction } from "./direction/direction";

/** A line through the centre, and where on it the network is measured. */
export interface LandscapeAxis {
  readonly direction: Direction;
  /** The α at which the weights are w + α · direction: finite, each once, in any order. */
  readonly positions: readonly number[];
}

/** Throws an `ArgumentError` unless there are one or two axes, each with positions and a direction of these weights. */
export function requireAxes(axes: readonly LandscapeAxis[], parameters: Parameters): void {
  const few = axes.length === 1 || axes.length === 2;
  requireArgument(few, "axes", axes.length, "one axis, for a line, or two, for a plane");
  for (const [axis, { positions, direction }] of axes.entries()) {
    requirePositions(`axes[${axis}].positions`, positions);
    requireFitting(`axes[${axis}].direction.deltas`, direction, parameters);
  }
}

function requirePositions(argument: string, positions: readonly number[]): void {
  requireArgument(positions.length > 0, argument, positions, "at least one position");
  requireArgument(positions.every(Number.isFinite), argument, positions, "finite numbers");
  requireArgument(new Set(positions).size === positions.length, argument, positions, "each position once");
}

function requireFitting(argument: string, { deltas }: Direction, parameters: Parameters): void {
  requireArgument(deltas.size > 0, argument, "none", "at least one, under a name of the network's parameters");
  for (const [name, delta] of deltas) {
    const own = `${argument}[${JSON.stringify(name)}]`;
    const parameter = parameters.get(name);
    requireArgument(parameter !== undefined, own, "an unknown name", "a name of the network's parameters");
    requireArgument(!delta.isDisposed, own, "a disposed tensor", "a tensor");
    requireShape(own, delta, parameter.shape, "the shape of the parameter");
  }
}

/** All points of the axes' positions, the first axis outermost, ascending. */
export function gridOf(axes: readonly Pick<LandscapeAxis, "positions">[]): readonly (readonly number[])[] {
  return axes.reduce<readonly (readonly number[])[]>(
    (points, { positions }) => points.flatMap((at) => ascending(positions).map((position) => [...at, position])),
    [[]],
  );
}

export function ascending(positions: readonly number[]): readonly number[] {
  return [...positions].sort((a, b) => a - b);
}

/** Whether two points are one; 0 is −0. */
export function samePoint(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((position, axis) => position === b[axis]);
}
