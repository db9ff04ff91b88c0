import * as tf from "@tensorflow/tfjs-core";
import { layers, type LayersModel, model, sequential, type SymbolicTensor } from "@tensorflow/tfjs-layers";

/** The part of a layer that joins it to others. */
interface Layer {
  apply(inputs: SymbolicTensor | SymbolicTensor[]): unknown;
}

const size = 16;
const classes = 5;

/** A small MobileNet: depthwise and separable convolutions, explicit zero padding, ReLU6, dropout, a global average. */
export function mobileNetLike(): LayersModel {
  const norm = () => layers.batchNormalization();
  const relu6 = () => layers.reLU({ maxValue: 6 });
  return seeded(
    sequential({
      name: "mobilenet-like",
      layers: [
        layers.zeroPadding2d({
          inputShape: [size, size, 3],
          padding: [
            [0, 1],
            [0, 1],
          ],
        }),
        layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, useBias: false }),
        norm(),
        relu6(),
        layers.depthwiseConv2d({ kernelSize: 3, padding: "same", useBias: false }),
        norm(),
        relu6(),
        layers.conv2d({ filters: 12, kernelSize: 1, useBias: false }),
        norm(),
        relu6(),
        layers.zeroPadding2d({
          padding: [
            [0, 1],
            [0, 1],
          ],
        }),
        layers.depthwiseConv2d({ kernelSize: 3, strides: 2, useBias: false }),
        norm(),
        relu6(),
        layers.separableConv2d({ filters: 16, kernelSize: 3, padding: "same" }),
        norm(),
        relu6(),
        layers.globalAveragePooling2d({}),
        layers.dropout({ rate: 0.5 }),
        layers.dense({ units: classes }),
      ],
    }),
  );
}

/** A small Inception: parallel branches that are concatenated, average and maximum pooling with padding. */
export function inceptionLike(): LayersModel {
  const conv = (x: SymbolicTensor, filters: number, kernelSize: number, strides = 1): SymbolicTensor =>
    [
      layers.conv2d({ filters, kernelSize, strides, padding: "same", useBias: false }),
      layers.batchNormalization({ scale: false }),
      layers.activation({ activation: "relu" }),
    ].reduce((at, layer) => layer.apply(at) as SymbolicTensor, x);
  const through = (layer: Layer, x: SymbolicTensor | SymbolicTensor[]): SymbolicTensor =>
    layer.apply(x) as SymbolicTensor;

  const input = layers.input({ shape: [size, size, 3] });
  const stem = conv(input, 8, 3, 2);
  const mixed = through(layers.concatenate(), [
    conv(stem, 4, 1),
    conv(conv(stem, 4, 1), 6, 5),
    conv(through(layers.averagePooling2d({ poolSize: 3, strides: 1, padding: "same" }), stem), 4, 1),
  ]);
  const reduced = through(layers.concatenate(), [
    conv(mixed, 6, 3, 2),
    through(layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }), mixed),
  ]);
  const pooled = through(layers.globalAveragePooling2d({}), conv(reduced, 12, 3));
  const logits = through(layers.dense({ units: classes }), through(layers.dropout({ rate: 0.3 }), pooled));
  return seeded(model({ inputs: input, outputs: logits, name: "inception-like" }));
}

/** The model with weights that depend on nothing but their shapes: as large as He would have them, statistics uneven. */
function seeded(network: LayersModel): LayersModel {
  const weights = network.weights.map(({ originalName, shape }, index) => {
    const dims = shape as number[];
    const depthwise = originalName.includes("depthwise");
    const fanIn = depthwise ? 9 : tf.util.sizeFromShape(dims.slice(0, -1));
    const [centre, radius] = originalName.endsWith("variance")
      ? [1, 0.5]
      : originalName.endsWith("gamma")
        ? [1.5, 0.3]
        : dims.length === 1
          ? [0, 0.3]
          : [0, Math.sqrt(6 / fanIn)];
    return tf.add(centre, tf.mul(tf.randomUniform(dims, -1, 1, "float32", index + 1), radius));
  });
  network.setWeights(weights);
  tf.dispose(weights);
  return network;
}
