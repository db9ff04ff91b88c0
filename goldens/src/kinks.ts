import type { Images } from "@awp/core";
import { stream } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { type Findings, findings, isWithin, share, worst } from "./findings";

/*
 * A gradient jumps where the input of a ReLU is zero, and with a million ReLUs one or two lie so near that float32 comes
 * out on the other side than exact arithmetic: 1 % of an entry for a single one. So what hangs on gradients and is beyond
 * tolerance is taken again at images that differ in their last bits. A wrong gradient stays wrong there.
 */

/** How many times images that differ in their last bits are tried. */
const neighbours = 8;

/** Two units in the last place of a float32 in [0.5, 1). */
const lastBits = 2 ** -23;

/**
 * Takes figures at neighbours of the images, number 0 the images themselves, until all are within tolerance; else those
 * of the neighbour whose worst is best.
 *
 * A figure that is more than `farthest` times its tolerance off is no kink's doing, and ends it.
 */
export async function acrossKinks(
  figuresAt: (number: number, found: Findings) => Promise<void>,
  what: string,
  found: Findings,
  farthest: number = Number.POSITIVE_INFINITY,
): Promise<void> {
  let best: Findings | undefined;
  for (let number = 0; number <= neighbours; number++) {
    const current = findings();
    await figuresAt(number, current);
    if (best === undefined || worstShare(current) < worstShare(best)) best = current;
    if (current.figures.every(isWithin)) {
      if (number > 0) found.note(`${what} at neighbour ${number} of the images, across a ReLU's kink`);
      break;
    }
    if (worstShare(current) > farthest) break;
  }
  for (const { name, deviation, tolerance } of best?.figures ?? []) found.check(name, deviation, tolerance);
  for (const name of best?.notYet ?? []) found.skip(name);
}

/** The images, moved in their last bits for a number above 0. A new tensor. */
export function neighbour(x: Images, number: number): Images {
  if (number === 0) return tf.clone(x);
  const noise = Float32Array.from(stream(number, x.size), (u) => lastBits * (2 * u - 1));
  return tf.tidy(() => tf.add(x, tf.tensor4d(noise, x.shape)));
}

const worstShare = ({ figures }: Findings): number => {
  const figure = worst(figures);
  return figure === undefined ? 0 : share(figure);
};
