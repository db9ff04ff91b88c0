import type { Mode } from "@awp/core";
import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { ParameterStore } from "./parameter-store";

/** One stage of a network, from feature maps `[batch, height, width, channels]` to feature maps. */
export type Layer = (x: Tensor4D, mode: Mode) => Tensor4D;

/** A function that declares a layer of so many channels, which it leaves as many. */
export type DeclaredLayer = (store: ParameterStore, name: string, channels: number) => Layer;

/** One layer made of several in a row; the output of each is freed as soon as the next has used it. */
export function sequence(layers: readonly Layer[]): Layer {
  return (x, mode) =>
    layers.reduce((maps, layer) => {
      const next = layer(maps, mode);
      if (maps !== x) maps.dispose();
      return next;
    }, x);
}
