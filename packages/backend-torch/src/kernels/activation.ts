import type { NamedAttrMap } from "@tensorflow/tfjs-core";

/** The native codes, as native/kernels/activation.h has them. */
const activationCodes: Readonly<Record<string, number>> = {
  linear: 0,
  relu: 1,
  elu: 2,
  relu6: 3,
  prelu: 4,
  leakyrelu: 5,
  sigmoid: 6,
};

/** The code of a fused kernel's activation, and the slope of leakyrelu. */
export function activationArguments({ activation, leakyreluAlpha }: NamedAttrMap): { code: number; slopes: number[] } {
  const name = (activation ?? "linear") as string;
  const code = activationCodes[name];
  if (code === undefined) throw new Error(`no activation is called ${name}`);
  return { code, slopes: activation === "leakyrelu" ? [leakyreluAlpha as number] : [] };
}
