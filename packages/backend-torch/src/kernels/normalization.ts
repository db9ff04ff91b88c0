import { allFloat, type TorchKernel } from "./torch-kernel";

/** Batch normalisation with given statistics, as tfjs has it. */
export const normalization: readonly TorchKernel[] = [
  {
    name: "FusedBatchNorm",
    when: allFloat,
    run: (backend, { x, mean, variance, offset, scale }, { varianceEpsilon }) =>
      backend.runOne("FusedBatchNorm", [x, mean, variance, offset, scale], [], [(varianceEpsilon ?? 0.001) as number]),
  },
];
