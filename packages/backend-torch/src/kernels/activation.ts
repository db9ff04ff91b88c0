import type { NamedAttrMap } from "@tensorflow/tfjs-core";

/** In the order of the native codes. */
const activations = ["linear", "relu", "elu", "relu6", "prelu", "leakyrelu", "sigmoid"];

/** What a fused kernel is told of its activation: the native code, and the slope of leakyrelu. */
export function activationArguments({ activation, leakyreluAlpha }: NamedAttrMap): { code: number; slopes: number[] } {
  const name = (activation ?? "linear") as string;
  const code = activations.indexOf(name);
  if (code < 0) throw new Error(`no activation is called ${name}`);
  return { code, slopes: activation === "leakyrelu" ? [leakyreluAlpha as number] : [] };
}
