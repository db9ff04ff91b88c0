import { allFloat, type TorchKernel } from "./torch-kernel";

/** Batch normalisation: tfjs's with given statistics, and @awp/core's with the batch's own. */
export const normalization: readonly TorchKernel[] = [
  {
    name: "FusedBatchNorm",
    when: allFloat,
    run: (backend, { x, mean, variance, offset, scale }, { varianceEpsilon }) =>
      backend.runOne("FusedBatchNorm", [x, mean, variance, offset, scale], [], [(varianceEpsilon ?? 0.001) as number]),
  },
  training("BatchNormTraining"),
  training("BatchNormTrainingRelu"),
  gradient("BatchNormTrainingGrad"),
  gradient("BatchNormTrainingReluGrad"),
];

function training(name: string): TorchKernel {
  return {
    name,
    run: (backend, { x, scale, offset }, { epsilon }) => backend.run(name, [x, scale, offset], [], [epsilon as number]),
  };
}

function gradient(name: string): TorchKernel {
  return {
    name,
    run: (backend, { dy, x, scale, mean, variance, y }, { epsilon }) =>
      backend.run(name, [dy, x, scale, mean, variance, y], [], [epsilon as number]),
  };
}
