import type { Network } from "@awp/core";
import { networkFromLayersModel } from "@awp/models";
import * as layers from "@tensorflow/tfjs-layers";

/**
 * Two convolutions and two dense layers, without batch normalisation: the network of Wong, Rice, Kolter 2020
 * (arXiv:2001.03994) for MNIST. The weights are the same at every call.
 */
export function mnistNetwork(): Network {
  const drawn = (seed: number) => ({ kernelInitializer: layers.initializers.glorotUniform({ seed }) });
  const convolution = { kernelSize: 4, strides: 2, padding: "same", activation: "relu" } as const;
  const model = layers.sequential({
    layers: [
      layers.layers.conv2d({ name: "conv1", inputShape: [28, 28, 1], filters: 16, ...convolution, ...drawn(1) }),
      layers.layers.conv2d({ name: "conv2", filters: 32, ...convolution, ...drawn(2) }),
      layers.layers.flatten(),
      layers.layers.dense({ name: "dense1", units: 100, activation: "relu", ...drawn(3) }),
      layers.layers.dense({ name: "dense2", units: 10, ...drawn(4) }),
    ],
  });
  return networkFromLayersModel(model);
}
