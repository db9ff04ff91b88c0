import { allFloat, type TorchKernel } from "./registry";

/** Batch normalisation: tfjs's with given statistics, @awp/core's with the batch's own, and its running statistics. */
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
  {
    name: "MovingAverage",
    run: (backend, { average, value }, { momentum, factor }) =>
      backend.runOne("MovingAverage", [average, value], [], [momentum as number, factor as number]),
  },
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
