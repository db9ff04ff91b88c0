import * as tf from "@tensorflow/tfjs-core";

/** A kernel of our own: its name, what it computes in terms of other operations, and its gradient. */
export interface NamedKernel<Inputs extends object, Attributes extends object, Output extends tf.Tensor | tf.Tensor[]> {
  readonly name: string;
  /** What runs on a backend that has registered no kernel of this name. Its intermediates are disposed for it. */
  readonly composite: (inputs: Inputs, attributes: Attributes) => Output;
  readonly gradient?: Omit<tf.GradConfig, "kernelName">;
}

/**
 * Runs a kernel by name on the current backend: the backend's own if it has registered one, else the composite.
 *
 * TensorFlow.js registers gradients once but kernels per backend, so the composite is registered at first use.
 */
export function runNamedKernel<
  Inputs extends object,
  Attributes extends object,
  Output extends tf.Tensor | tf.Tensor[],
>(kernel: NamedKernel<Inputs, Attributes, Output>, inputs: Inputs, attributes: Attributes): Output {
  const backendName = tf.getBackend();
  if (tf.getKernel(kernel.name, backendName) === undefined) {
    tf.registerKernel({
      kernelName: kernel.name,
      backendName,
      // Bare, a composite would leak: a kernel's intermediates belong to nobody.
      kernelFunc: (call) => tf.tidy(() => kernel.composite(call.inputs as Inputs, call.attrs as Attributes)),
    });
  }
  if (kernel.gradient !== undefined && tf.getGradient(kernel.name) === undefined) {
    tf.registerGradient({ kernelName: kernel.name, ...kernel.gradient });
  }
  const [tensors, attrs] = [inputs as tf.NamedTensorMap, attributes as unknown as tf.NamedAttrMap];
  return tf.engine().runKernel<Output>(kernel.name, tensors, attrs);
}
