import { projectOntoThreat, type ThreatModel } from "@awp/core";
import { hostUniform } from "@awp/core";
import { randomSigns } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { covers, drawsOf, hostImage, type Proposals, windowAt, windowSide } from "./search";

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
      const channels = x.shape[3];
      const [u, v, ...signs] = hostUniform(drawsOf(problem, query).shared, 2 + channels);
      const window = windowAt(x.shape, windowSide(x.shape, p), u, v);
      const change = hostImage(x.shape, channels, (row, column, channel) =>
        covers(window, row, column) ? 2 * epsilon * ((signs[channel] as number) < 0.5 ? -1 : 1) : 0,
      );
      return projectOntoThreat(tf.add(images, change), x, threat);
    },
  };
}
