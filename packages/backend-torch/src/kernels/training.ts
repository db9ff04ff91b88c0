import type { TorchKernel } from "./torch-kernel";

/** Whole formulas of training in one kernel each: @awp/core's loss and running statistics, @awp/defenses' SGD. */
export const training: readonly TorchKernel[] = [
  {
    name: "SparseCrossEntropy",
    run: (backend, { logits, labels }) => backend.runOne("SparseCrossEntropy", [logits, labels]),
  },
  {
    name: "SparseCrossEntropyGrad",
    run: (backend, { dy, logits, labels }) => backend.runOne("SparseCrossEntropyGrad", [dy, logits, labels]),
  },
  {
    name: "SgdUpdate",
    run: (backend, inputs, attributes) => {
      const { count, momentum, nesterov } = attributes as { count: number; momentum: number; nesterov: boolean };
      const buffered = inputs["buffer0"] !== undefined;
      const all = (role: string) => Array.from({ length: count }, (_, i) => inputs[`${role}${i}`]);
      const tensors = [
        inputs["learningRate"],
        ...all("weight"),
        ...all("gradient"),
        ...(buffered ? all("buffer") : []),
      ];
      return backend.run("SgdUpdate", tensors, [count, Number(nesterov), Number(buffered)], [momentum]);
    },
  },
  {
    name: "MovingAverage",
    run: (backend, { average, value }, { momentum, factor }) =>
      backend.runOne("MovingAverage", [average, value], [], [momentum as number, factor as number]),
  },
];
