import * as tf from "@tensorflow/tfjs-core";
import type { KernelName, Kernels } from "./kernels";

/** An operation with a name: what it computes, written in other operations, and its gradient. */
export interface NamedKernel<Inputs extends object, Attributes extends object, Output extends KernelOutput> {
  readonly name: string;
  /** The function that runs on a backend without a kernel of this name; its intermediates are disposed for it. */
  readonly composite: (inputs: Inputs, attributes: Attributes) => Output;
  readonly gradient?: Omit<tf.GradConfig, "kernelName">;
}

/** A named kernel of the contract {@link Kernels}, which backends know. */
export interface ContractKernel<Name extends KernelName>
  extends NamedKernel<Kernels[Name]["inputs"], Kernels[Name]["attributes"], Kernels[Name]["output"]> {
  readonly name: Name;
}

type KernelOutput = tf.Tensor | readonly tf.Tensor[];

/**
 * Runs a kernel by name on the current backend: the backend's own if it has registered one, else the composite. The
 * caller owns the output.
 *
 * TensorFlow.js keeps one gradient for all backends but kernels for each, so the composite is registered at first use.
 */
export function runNamedKernel<Inputs extends object, Attributes extends object, Output extends KernelOutput>(
  kernel: NamedKernel<Inputs, Attributes, Output>,
  inputs: Inputs,
  attributes: Attributes,
): Output {
  const backendName = tf.getBackend();
  if (tf.getKernel(kernel.name, backendName) === undefined) {
    tf.registerKernel({
      kernelName: kernel.name,
      backendName,
      kernelFunc: (call) => {
        const composite = () => kernel.composite(call.inputs as Inputs, call.attrs as Attributes);
        // Bare, a composite would leak: a kernel's intermediates belong to nobody.
        return tf.tidy(composite as () => tf.Tensor | tf.Tensor[]);
      },
    });
  }
  if (kernel.gradient !== undefined && tf.getGradient(kernel.name) === undefined) {
    tf.registerGradient({ kernelName: kernel.name, ...kernel.gradient });
  }
  const [tensors, attrs] = [inputs as tf.NamedTensorMap, attributes as unknown as tf.NamedAttrMap];
  return tf.engine().runKernel(kernel.name, tensors, attrs) as Output;
}
