import { type Images, random, uniform } from "@awp/core";
import * as layers from "@tensorflow/tfjs-layers";

type Tensor = layers.SymbolicTensor;
type Layer = layers.layers.Layer;

export const images = (seed = 1, batch = 3): Images => uniform(random(seed), [batch, 6, 6, 2]) as Images;

const through = (x: Tensor, ...chain: readonly Layer[]): Tensor =>
  chain.reduce((last, layer) => layer.apply(last) as Tensor, x);

const seeded = (seed: number) => layers.initializers.glorotUniform({ seed });

const features = (x: Tensor): Tensor =>
  through(
    x,
    layers.layers.conv2d({ filters: 4, kernelSize: 3, activation: "relu", kernelInitializer: seeded(1) }),
    layers.layers.globalAveragePooling2d({}),
  );

const dense = (activation?: "softmax" | "sigmoid", units = 3) =>
  layers.layers.dense({ units, ...(activation && { activation }), kernelInitializer: seeded(2) });

const model = (input: Tensor, output: Tensor) => layers.model({ inputs: input, outputs: output });

const end = (...chain: readonly Layer[]): layers.LayersModel => {
  const input = layers.input({ shape: [6, 6, 2] });
  return model(input, through(features(input), ...chain));
};

/** A 1×1 convolution as the classifier, as MobileNet v1 has it. */
const convolution = (activation?: "softmax") =>
  layers.layers.conv2d({ filters: 3, kernelSize: 1, ...(activation && { activation }), kernelInitializer: seeded(2) });

const maps = () => layers.layers.reshape({ targetShape: [1, 1, 4] });

const nested = (inner: layers.LayersModel): layers.LayersModel => {
  const input = layers.input({ shape: [6, 6, 2] });
  return model(input, through(input, inner));
};

/** Models that end in a softmax, each with its twin that stops before it and has the same weights. */
export const twins: Readonly<Record<string, () => readonly [layers.LayersModel, layers.LayersModel]>> = {
  "a dense layer with softmax": () => [end(dense("softmax")), end(dense())],
  "an activation": () => [end(dense(), layers.layers.activation({ activation: "softmax" })), end(dense())],
  "a softmax layer": () => [end(dense(), layers.layers.softmax()), end(dense())],
  "a convolution with softmax, reshaped": () => {
    const reshape = () => layers.layers.reshape({ targetShape: [3] });
    return [end(maps(), convolution("softmax"), reshape()), end(maps(), convolution(), reshape())];
  },
  "an activation, dropout, flattened": () => {
    const before = () => [maps(), convolution()];
    const behind = [layers.layers.activation({ activation: "softmax" }), layers.layers.dropout({ rate: 0.5 })];
    return [end(...before(), ...behind, layers.layers.flatten()), end(...before(), layers.layers.flatten())];
  },
  "a model inside a model": () => [nested(end(dense("softmax"))), end(dense())],
  "a Sequential in a Sequential": () => {
    const sequential = (...rest: readonly Layer[]) =>
      layers.sequential({
        layers: [
          layers.layers.flatten({ inputShape: [6, 6, 2] }),
          layers.layers.dense({ units: 4, activation: "relu", kernelInitializer: seeded(1) }),
          ...rest,
        ],
      });
    const head = layers.sequential({
      layers: [layers.layers.dense({ units: 3, inputShape: [4], kernelInitializer: seeded(2) })],
    });
    head.add(layers.layers.softmax());
    return [sequential(head), sequential(dense())];
  },
};

/** The same features under another head. */
export const modelEndingIn: (...chain: readonly Layer[]) => layers.LayersModel = end;
