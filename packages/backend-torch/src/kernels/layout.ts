import * as tf from "@tensorflow/tfjs-core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { isNativeType } from "../data";
import { list, type TorchKernel, typeCode } from "./torch-kernel";

/** Moving elements without computing on them. */
export const layout: readonly TorchKernel[] = [
  {
    name: "Transpose",
    run: (backend, { x }, { perm }) => backend.runOne("Transpose", [x], list(perm as number[])),
  },
  {
    name: "Concat",
    when: (inputs) => sameType(Object.values(inputs)),
    run: (backend, inputs, { axis }) => {
      const all = Object.values(inputs);
      const along = tf.util.parseAxisParam(axis as number, all[0]?.shape ?? [])[0] as number;
      tf.backend_util.assertParamsConsistent(
        all.map(({ shape }) => shape),
        along,
      );
      // Empty tensors join nothing; torch would compare their shapes.
      const parts = all.filter(({ shape }) => tf.util.sizeFromShape(shape) > 0);
      if (parts.length === 1) return backend.share(parts[0] as TensorInfo);
      const joined = parts.length > 0 ? parts : all;
      return backend.runOne("Concat", joined, [along]);
    },
  },
  {
    name: "Pack",
    when: (inputs) => sameType(Object.values(inputs)),
    run: (backend, inputs, { axis }) => backend.runOne("Pack", Object.values(inputs), [axis as number]),
  },
  {
    name: "Unpack",
    run: (backend, { value }, { axis }) => backend.run("Unpack", [value], [axis as number]),
  },
  {
    name: "SplitV",
    run: (backend, { x }, { numOrSizeSplits, axis }) => {
      const tensor = x as TensorInfo;
      const [along] = tf.util.parseAxisParam(axis as number, tensor.shape) as [number];
      const sizes = tf.backend_util.prepareSplitSize(tensor, numOrSizeSplits as number[], along);
      return backend.run("SplitV", [tensor], [along, ...list(sizes)]);
    },
  },
  {
    name: "Slice",
    run: (backend, { x }, attributes) => {
      const tensor = x as TensorInfo;
      const [begin, size] = tf.slice_util.parseSliceParams(
        tensor,
        attributes["begin"] as number[],
        attributes["size"] as number[],
      ) as [number[], number[]];
      tf.slice_util.assertParamsValid(tensor, begin, size);
      return backend.runOne("Slice", [tensor], [...list(begin), ...list(size)]);
    },
  },
  {
    name: "PadV2",
    when: ({ x }) => x?.dtype !== "bool" && x?.shape.length !== 0,
    run: (backend, { x }, { paddings, constantValue }) => {
      const lastFirst = [...(paddings as [number, number][])].reverse().flat();
      return backend.runOne("PadV2", [x], list(lastFirst), [constantValue as number]);
    },
  },
  { name: "Tile", run: (backend, { x }, { reps }) => backend.runOne("Tile", [x], list(reps as number[])) },
  {
    name: "Reverse",
    run: (backend, { x }, { dims }) => {
      const tensor = x as TensorInfo;
      return backend.runOne("Reverse", [tensor], list(tf.util.parseAxisParam(dims as number[], tensor.shape)));
    },
  },
  {
    name: "Fill",
    when: (_, { value, dtype }) => isNativeType((dtype ?? tf.util.inferDtype(value as number)) as tf.DataType),
    run: (backend, _, { shape, value, dtype }) => {
      const code = typeCode(dtype ?? tf.util.inferDtype(value as number));
      return backend.runOne("Fill", [], [...list(shape as number[]), code], [Number(value)]);
    },
  },
  {
    name: "GatherV2",
    when: ({ indices }, { batchDims }) => batchDims === 0 && indices?.dtype === "int32",
    run: (backend, { x, indices }, { axis }) => {
      const [along] = tf.util.parseAxisParam(axis as number, (x as TensorInfo).shape) as [number];
      return backend.runOne("GatherV2", [x, indices], [along]);
    },
  },
  {
    name: "OneHot",
    when: ({ indices }, { dtype }) => indices?.dtype === "int32" && isNativeType(dtype as tf.DataType),
    run: (backend, { indices }, { dtype, depth, onValue, offValue }) =>
      backend.runOne("OneHot", [indices], [depth as number, typeCode(dtype)], [onValue as number, offValue as number]),
  },
];

function sameType(tensors: readonly TensorInfo[]): boolean {
  return tensors.length > 0 && tensors.every(({ dtype }) => dtype === tensors[0]?.dtype);
}
