import * as tf from "@tensorflow/tfjs-core";
import { averagePoolSecondGradient, maxPoolSecondGradient } from "./second-pooling-gradients";

/*
 * Gradients of kernels that are gradients themselves and that TensorFlow.js does not differentiate again. They are
 * registered at the first second derivative, so that whoever takes none has none of this in the bundle.
 */

type Configuration = Omit<tf.GradConfig, "kernelName">;

/** Registers, once, what second derivatives need beside the first ones. */
export function registerSecondGradients(): void {
  for (const [kernelName, config] of Object.entries(secondGradients())) {
    if (tf.getGradient(kernelName) === undefined) tf.registerGradient({ kernelName, ...config });
  }
}

/** Convolution is bilinear: with the slopes of one of its gradients in a factor's place, the slopes of the others are convolutions. */
interface Convolution {
  readonly forward: string;
  readonly backToInput: string;
  readonly backToFilter: string;
}

const plain: Convolution = {
  forward: "Conv2D",
  backToInput: "Conv2DBackpropInput",
  backToFilter: "Conv2DBackpropFilter",
};
const depthwise: Convolution = {
  forward: "DepthwiseConv2dNative",
  backToInput: "DepthwiseConv2dNativeBackpropInput",
  backToFilter: "DepthwiseConv2dNativeBackpropFilter",
};

function ofInputGradient({ forward, backToFilter }: Convolution): Configuration {
  return {
    inputsToSave: ["dy", "filter"],
    gradFunc: (ddx, saved, attributes) => {
      const [dy, filter] = saved as [tf.Tensor, tf.Tensor];
      const x = ddx as tf.Tensor;
      return {
        dy: () => run(forward, { x, filter }, { dilations: 1, ...attributes }),
        filter: () => run(backToFilter, { x, dy }, { ...attributes, filterShape: filter.shape }),
      };
    },
  };
}

function ofFilterGradient({ forward, backToInput }: Convolution): Configuration {
  return {
    inputsToSave: ["x", "dy"],
    gradFunc: (ddFilter, saved, attributes) => {
      const [x, dy] = saved as [tf.Tensor, tf.Tensor];
      const filter = ddFilter as tf.Tensor;
      return {
        x: () => run(backToInput, { dy, filter }, { ...attributes, inputShape: x.shape }),
        dy: () => run(forward, { x, filter }, { dilations: 1, ...attributes }),
      };
    },
  };
}

function run(kernelName: string, inputs: tf.NamedTensorMap, attributes: object): tf.Tensor {
  return tf.engine().runKernel(kernelName, inputs, attributes as tf.NamedAttrMap) as tf.Tensor;
}

// A function, as what is called at the top of a module stays in every bundle.
const secondGradients = (): Readonly<Record<string, Configuration>> => ({
  Conv2DBackpropFilter: ofFilterGradient(plain),
  DepthwiseConv2dNativeBackpropInput: ofInputGradient(depthwise),
  DepthwiseConv2dNativeBackpropFilter: ofFilterGradient(depthwise),
  AvgPoolGrad: averagePoolSecondGradient,
  MaxPoolGrad: maxPoolSecondGradient,
  // dy · (softmax(logits) − onehot(label))
  SparseCrossEntropyGrad: {
    inputsToSave: ["dy", "logits", "labels"],
    gradFunc: (slopes, saved) => {
      const [dy, logits, labels] = saved as [tf.Tensor1D, tf.Tensor2D, tf.Tensor1D];
      const slope = slopes as tf.Tensor2D;
      const p = tf.softmax(logits);
      const label = tf.oneHot(labels, logits.shape[1], 1, 0, "float32");
      return {
        dy: () => tf.sum(tf.mul(slope, tf.sub(p, label)), 1),
        logits: () => {
          const centered = tf.sub(slope, tf.sum(tf.mul(p, slope), 1, true));
          return tf.mul(tf.expandDims(dy, 1), tf.mul(p, centered));
        },
      };
    },
  },
});
