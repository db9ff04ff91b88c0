import * as tf from "@tensorflow/tfjs-core";

const kernelName = "ReluGrad";

/**
 * Makes the gradient of ReLU one kernel where the current backend has it, and lets it keep its output, not its input:
 * the output is kept by the layer that reads it anyway, the input by nobody else.
 */
export function registerReluGradient(): void {
  tf.registerGradient({
    kernelName: "Relu",
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ x: () => reluGradient(dy as tf.Tensor, y as tf.Tensor) }),
  });
  tf.registerGradient({
    kernelName,
    inputsToSave: ["b"],
    gradFunc: (ddx, [y]) => ({
      a: () => reluGradient(ddx as tf.Tensor, y as tf.Tensor),
      b: () => tf.zerosLike(y as tf.Tensor),
    }),
  });
}

/** dy where y > 0. */
function reluGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  if (tf.getKernel(kernelName, tf.getBackend()) === undefined) return tf.mul(dy, tf.cast(tf.step(y), "float32"));
  const inputs = { a: dy, b: y } as unknown as tf.NamedTensorMap;
  return tf.engine().runKernel(kernelName, inputs);
}
