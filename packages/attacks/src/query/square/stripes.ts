import { projectOntoThreat, type ThreatModel } from "@awp/core";
import { hostUniform } from "@awp/core";
import { randomSigns } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { drawsOf, hostImage, type Proposals, windowSide, windowStart } from "./search";

/** ℓ∞: from vertical stripes of ±epsilon, one window of ±2 epsilon a query, the same for all examples. */
export function stripes(threat: ThreatModel): Proposals {
  const { epsilon } = threat;
  return {
    start: (problem) => {
      const { x } = problem;
      const [batch, , width, channels] = x.shape;
      const signs = randomSigns(drawsOf(problem, 0).perExample, [batch, 1, width, channels]);
      return projectOntoThreat(tf.add(x, tf.mul(signs, epsilon)), x, threat);
    },
    propose: (problem, images, query, p) => {
      const { x } = problem;
      const [, height, width, channels] = x.shape;
      const side = windowSide(x.shape, p);
      const [rows, columns] = [Math.min(side, height), Math.min(side, width)];
      const [u, v, ...signs] = hostUniform(drawsOf(problem, query).shared, 2 + channels);
      const [top, left] = [windowStart(u, height, rows), windowStart(v, width, columns)];
      const window = hostImage(x.shape, channels, (row, column, channel) => {
        const inside = row >= top && row < top + rows && column >= left && column < left + columns;
        return inside ? 2 * epsilon * ((signs[channel] as number) < 0.5 ? -1 : 1) : 0;
      });
      return projectOntoThreat(tf.add(images, window), x, threat);
    },
  };
}
