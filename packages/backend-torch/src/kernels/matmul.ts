import type { NamedAttrMap } from "@tensorflow/tfjs-core";
import { activationArguments } from "./activation";
import { allFloat, type TorchKernel } from "./torch-kernel";

/** Products of matrices. */
export const matmul: readonly TorchKernel[] = [
  {
    name: "BatchMatMul",
    when: allFloat,
    run: (backend, { a, b }, attributes) => backend.runOne("BatchMatMul", [a, b], transpositions(attributes)),
  },
  {
    name: "_FusedMatMul",
    when: allFloat,
    run: (backend, { a, b, bias, preluActivationWeights }, attributes) => {
      const { code, slopes } = activationArguments(attributes);
      const words = [...transpositions(attributes), code];
      return backend.runOne("_FusedMatMul", [a, b, bias, preluActivationWeights], words, slopes);
    },
  },
];

function transpositions({ transposeA, transposeB }: NamedAttrMap): number[] {
  return [Number(transposeA), Number(transposeB)];
}
