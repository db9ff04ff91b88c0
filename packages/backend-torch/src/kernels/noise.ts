import type { NamedAttrMap } from "@tensorflow/tfjs-core";
import { list, type TorchKernel } from "./torch-kernel";

/** @awp/core's draws: the same bits as its JavaScript. */
export const noise: readonly TorchKernel[] = [
  draw("PhiloxUniform", ({ low, high }) => [low, high]),
  draw("PhiloxNormal", ({ mean, std }) => [mean, std]),
  draw("PhiloxIntegers", ({ low, high }) => [low, high]),
];

function draw(name: string, parameters: (attributes: NamedAttrMap) => unknown[]): TorchKernel {
  return {
    name,
    run: (backend, { key, rows }, attributes) => {
      const words = [...list(attributes["shape"] as number[]), ...(attributes["stream"] as number[])];
      return backend.runOne(name, [key, rows], words, parameters(attributes) as number[]);
    },
  };
}
