import { type Images, projectOntoThreat, type ThreatModel } from "@awp/core";
import { hostUniform } from "@awp/core";
import { randomSigns } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import { type Pattern, transposed, twoBumps } from "./pattern";
import { covers, drawsOf, hostImage, type Proposals, type Window, windowAt, windowSide } from "./search";

/**
 * ℓ2 and ℓ1: from tiles of bumps; a query puts new bumps into one window, with what it and a second window held of the
 * norm, and empties the second.
 */
export function bumps(threat: ThreatModel): Proposals {
  const order = threat.norm === "l2" ? 2 : 1;

  return {
    start: (problem) => {
      const { x } = problem;
      const { shared, perExample } = drawsOf(problem, 0);
      const [batch, height, width, channels] = x.shape;
      const side = Math.max(Math.floor(Math.min(height, width) / 5), 1);
      const [rows, columns] = [tiles(height, side), tiles(width, side)];
      const turned = hostUniform(shared, rows.count * columns.count);
      const pattern = twoBumps(side, order);
      const patterns = [pattern, transposed(pattern)] as const;
      const image = hostImage(x.shape, 1, (row, column) => {
        const [i, j] = [rows.tile(row), columns.tile(column)];
        if (i === undefined || j === undefined) return 0;
        const { values } = patterns[(turned[i * columns.count + j] as number) > 0.5 ? 1 : 0];
        return values[rows.within(row) * side + columns.within(column)] as number;
      });
      const signs = randomSigns(perExample, [batch, rows.count, columns.count, channels]) as Tensor4D;
      const spread = tf.gather(tf.gather(signs, rows.index, 1), columns.index, 2);
      return bounded(tf.mul(image, spread), x);
    },

    propose: (problem, images, query, p) => {
      const { x } = problem;
      const { shared, perExample } = drawsOf(problem, query);
      const [batch, height, width, channels] = x.shape;
      const side = Math.min(oddSide(windowSide(x.shape, p)), height, width);
      const [u, v, otherU, otherV, turn = 0] = hostUniform(shared, 5);
      const [window, other] = [windowAt(x.shape, side, u, v), windowAt(x.shape, side, otherU, otherV)];
      const windows = hostImage(x.shape, 1, (row, column) =>
        covers(window, row, column) || covers(other, row, column) ? 1 : 0,
      );

      const delta = tf.sub<Images>(images, x);
      const taken = tf.mul<Images>(delta, windows);
      const old = tf.slice(delta, [0, window.top, window.left, 0], [batch, side, side, channels]);
      const pattern = twoBumps(side, order);
      const signs = randomSigns(perExample, [batch, 1, 1, channels]);
      const fresh = tf.mul(windowTensor(turn > 0.5 ? transposed(pattern) : pattern), signs);
      const mixed = tf.add(fresh, scaledTo1(old, [1, 2]));
      const content = tf.mul(scaledTo1(mixed, [1, 2]), budget(delta, taken));
      return bounded(tf.add(tf.sub(delta, taken), tf.pad(content, around(window, x.shape))), x);
    },
  };

  /** What each channel of the window gets of the norm: what both windows held, and a share of what was left over. */
  function budget(delta: Images, taken: Images): Tensor {
    const { epsilon } = threat;
    const free = tf.relu(tf.sub(epsilon ** order, power(delta, [1, 2, 3])));
    const total = tf.add(tf.div(free, delta.shape[3]), power(taken, [1, 2, 3]));
    return order === 2 ? tf.sqrt(total) : total;
  }

  function bounded(delta: Tensor, x: Images): Images {
    const { epsilon } = threat;
    // Below the radius by less than a pixel's rounding, as the reference projects.
    if (order === 1) return projectOntoThreat(tf.add(x, delta), x, { ...threat, epsilon: epsilon * (1 - 1e-6) });
    return projectOntoThreat(tf.add(x, tf.mul(scaledTo1(delta, [1, 2, 3]), epsilon)), x, threat);
  }

  /** The norm over these axes, to the power of its order. */
  function power(values: Tensor, axes: number[]): Tensor {
    return tf.sum(order === 2 ? tf.square(values) : tf.abs(values), axes, true);
  }

  function scaledTo1(values: Tensor, axes: number[]): Tensor {
    const sum = power(values, axes);
    return tf.div(values, tf.add(order === 2 ? tf.sqrt(sum) : sum, 1e-12));
  }
}

/** The tiles that fit into `length`, in its middle. */
function tiles(length: number, side: number) {
  const count = Math.floor(length / side);
  const start = Math.floor((length - count * side) / 2);
  const place = (at: number): number => Math.floor((at - start) / side);
  return {
    count,
    tile: (at: number): number | undefined => (place(at) >= 0 && place(at) < count ? place(at) : undefined),
    within: (at: number): number => at - start - place(at) * side,
    /** The number of each pixel's tile, of the nearest one for pixels beside the tiles. */
    index: Int32Array.from({ length }, (_, at) => Math.min(Math.max(place(at), 0), count - 1)),
  };
}

/** The padding that brings what fills a window to the size of the image. */
function around({ top, left, height, width }: Window, shape: Images["shape"]): [number, number][] {
  return [
    [0, 0],
    [top, shape[1] - top - height],
    [left, shape[2] - left - width],
    [0, 0],
  ];
}

function oddSide(side: number): number {
  return Math.max(side % 2 === 0 ? side + 1 : side, 3);
}

function windowTensor({ values, height, width }: Pattern): Tensor4D {
  return tf.tensor4d(values, [1, height, width, 1]);
}
