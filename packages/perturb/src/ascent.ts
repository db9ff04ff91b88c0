import type { NamedTensors } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { mapTensors, tidyTensors } from "./named-tensors";
import { boxed, type PlacedBall, projected, rescaled } from "./placed-ball";
import type { RelativeLengths } from "./weight-ball";

/** How several ascent steps make one perturbation. */
export type Ascent = "projected" | "accumulated";

/** The deltas after `steps` ascents of the loss whose gradients at w + v are given. */
type Climb = (
  ball: PlacedBall,
  gradientsAt: (v: NamedTensors) => NamedTensors,
  steps: number,
  stepSizes: RelativeLengths,
) => NamedTensors;

const nothing: NamedTensors = new Map();

export const ascents: Readonly<Record<Ascent, Climb>> = {
  projected(ball, gradientsAt, steps, stepSizes) {
    const first = new Map(
      [...ball.radii].map(([name, radius]) => [name, smaller(stepSizes.get(name) ?? radius, radius)]),
    );
    const start = tidyTensors(() => boxed(rescaled(gradientsAt(nothing), first, ball), ball));
    return repeated(steps - 1, start, (v) => {
      const moved = sum(v, rescaled(gradientsAt(v), stepSizes, ball));
      return boxed(projected(moved, ball), ball);
    });
  },

  accumulated(ball, gradientsAt, steps) {
    const onSphere = (gradients: NamedTensors) => boxed(rescaled(gradients, ball.radii, ball), ball);
    const all = repeated(steps - 1, gradientsAt(nothing), (gradients) =>
      sum(gradients, gradientsAt(onSphere(gradients))),
    );
    return onSphere(all);
  },
};

/** `next` applied so many times; each result frees the one before. */
function repeated(times: number, first: NamedTensors, next: (current: NamedTensors) => NamedTensors): NamedTensors {
  let current = first;
  for (let time = 0; time < times; time++) {
    const previous = current;
    current = tidyTensors(() => next(previous));
    tf.dispose([...previous.values()]);
  }
  return current;
}

function sum(a: NamedTensors, b: NamedTensors): NamedTensors {
  return mapTensors(a, (tensor, name) => tf.add(tensor, b.get(name) as Tensor));
}

function smaller(a: number | Scalar, b: number | Scalar): number | Scalar {
  if (typeof a === "number" && typeof b === "number") return Math.min(a, b);
  return a === b ? a : tf.minimum<Scalar>(a, b);
}
