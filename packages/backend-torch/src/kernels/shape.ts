import * as tf from "@tensorflow/tfjs-core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { TorchKernel } from "./torch-kernel";

/** Kernels that change the shape alone: the data is shared, whatever its type. */
export const shape: readonly TorchKernel[] = [
  { name: "Identity", run: (backend, { x }) => backend.share(x as TensorInfo) },
  {
    name: "Reshape",
    run: (backend, { x }, attributes) => {
      const tensor = x as TensorInfo;
      const size = tf.util.sizeFromShape(tensor.shape);
      const shape = tf.util.inferFromImplicitShape(attributes["shape"] as number[], size);
      if (tf.util.sizeFromShape(shape) !== size) {
        throw new Error(`Reshape: [${tensor.shape}] has ${size} elements, [${shape}] another number`);
      }
      return backend.share(tensor, shape);
    },
  },
  {
    name: "ExpandDims",
    run: (backend, { input }, { dim }) => {
      const tensor = input as TensorInfo;
      const shape = [...tensor.shape];
      const axis = dim as number;
      tf.util.assert(
        -shape.length - 1 <= axis && axis <= shape.length,
        () => `ExpandDims: axis ${axis} is not in [${-shape.length - 1}, ${shape.length}]`,
      );
      shape.splice(axis < 0 ? shape.length + axis + 1 : axis, 0, 1);
      return backend.share(tensor, shape);
    },
  },
];
