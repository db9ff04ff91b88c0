import * as layers from "@tensorflow/tfjs-layers";

type Tensor = layers.SymbolicTensor;

export interface UserModelOptions {
  /** @default 0.4 */
  readonly rate?: number;
  readonly seed?: number;
}

/**
 * What a user might bring, small: a depthwise convolution in a model of its own, batch normalisation without `scale`
 * there and behind a dense layer, dropout, a softmax. Every layer has a name.
 */
export function userModel({ rate = 0.4, seed = 1 }: UserModelOptions = {}): layers.LayersModel {
  const { layers: l, initializers } = layers;
  const kernelInitializer = initializers.glorotUniform({ seed });
  const stem = layers.sequential({ name: "stem" });
  stem.add(
    l.conv2d({ inputShape: [6, 6, 3], filters: 4, kernelSize: 3, useBias: false, kernelInitializer, name: "conv" }),
  );
  stem.add(l.batchNormalization({ scale: false, momentum: 0.9, name: "conv_bn" }));
  stem.add(l.reLU({ maxValue: 6, name: "relu" }));
  const input = layers.input({ shape: [6, 6, 3] });
  const body = [
    stem,
    l.depthwiseConv2d({
      kernelSize: 3,
      depthMultiplier: 2,
      depthwiseInitializer: kernelInitializer,
      name: "depthwise",
    }),
    l.globalAveragePooling2d({ name: "pool" }),
    l.dense({ units: 5, kernelInitializer, name: "hidden" }),
    l.batchNormalization({ momentum: 0.8, name: "hidden_bn" }),
    l.dropout({ rate, name: "dropout" }),
    l.dense({ units: 3, activation: "softmax", kernelInitializer, name: "scores" }),
  ];
  const output = body.reduce<Tensor>((x, layer) => layer.apply(x) as Tensor, input);
  return layers.model({ inputs: input, outputs: output });
}
