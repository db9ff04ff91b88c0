import { allFloat, type TorchKernel } from "./registry";

/** Batch normalisation: tfjs's with given statistics, and @awp/core's with the batch's own. */
export const normalization: readonly TorchKernel[] = [
  {
    name: "FusedBatchNorm",
    when: allFloat,
    run: (backend, { x, mean, variance, offset, scale }, { varianceEpsilon }) =>
      backend.runOne("FusedBatchNorm", [x, mean, variance, offset, scale], [], [(varianceEpsilon ?? 0.001) as number]),
  },
  {
    name: "BatchNormTraining",
    run: (backend, { x, scale, offset }, { epsilon }) =>
      backend.run("BatchNormTraining", [x, scale, offset], [], [epsilon as number]),
  },
  {
    name: "BatchNormTrainingGrad",
    run: (backend, { dy, x, scale, mean, variance }, { epsilon }) =>
      backend.run("BatchNormTrainingGrad", [dy, x, scale, mean, variance], [], [epsilon as number]),
  },
];
