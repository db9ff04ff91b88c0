import type { Mode } from "@awp/core";
import type { Tensor4D } from "@tensorflow/tfjs-core";

/** One stage of a network, from feature maps `[batch, height, width, channels]` to feature maps. */
export type Layer = (x: Tensor4D, mode: Mode) => Tensor4D;

/** One layer made of several in a row; the output of each is freed as soon as the next has used it. */
export function sequence(layers: readonly Layer[]): Layer {
  return (x, mode) =>
    layers.reduce((maps, layer) => {
      const next = layer(maps, mode);
      if (maps !== x) maps.dispose();
      return next;
    }, x);
}
