import { toTorchLayout } from "@awp/core/authoring";
import type { Tensor } from "@tensorflow/tfjs-core";
import { norm, relative, scaled } from "./deviation";
import type { Fields } from "./fields";
import type { Findings } from "./findings";

export interface TensorTolerance {
  /** Relative. */
  readonly norm: number;
  /** The deviation of entries, in units of `entriesOf`. */
  readonly entry: number;
  readonly entriesOf: "norm" | "root mean square";
}

/** The same allowance for the norm and, relative to the norm, for the entries. */
export function ofNorm(allowed: number): TensorTolerance {
  return { norm: allowed, entry: allowed, entriesOf: "norm" };
}

/** A tensor's values on the host, in PyTorch's layout. */
export async function torchValues(tensor: Tensor): Promise<Float32Array> {
  const laidOut = toTorchLayout(tensor);
  try {
    return (await laidOut.data<"float32">()).slice(); // some backends lend their own memory
  } finally {
    laidOut.dispose();
  }
}

/** Checks the named tensors against golden `{ norm, head }` of each; a name that we lack is a deviation without bound. */
export async function checkTensors(
  findings: Findings,
  label: string,
  tensors: ReadonlyMap<string, Tensor>,
  golden: Fields,
  tolerance: TensorTolerance,
): Promise<void> {
  for (const name of golden.keys) {
    const tensor = tensors.get(name);
    if (tensor === undefined)
      findings.check(`${label} ${name} (we have none)`, Number.POSITIVE_INFINITY, tolerance.norm);
    else checkValues(findings, `${label} ${name}`, await torchValues(tensor), golden.object(name), tolerance);
  }
}

/** Checks values, row-major in PyTorch's layout, against a golden `{ norm, head }`. */
function checkValues(
  findings: Findings,
  name: string,
  values: Float32Array,
  golden: Fields,
  tolerance: TensorTolerance,
): void {
  const expected = golden.number("norm");
  const head = golden.numbers("head");
  const scale = tolerance.entriesOf === "norm" ? expected : expected / Math.sqrt(values.length);
  findings.check(`${name} norm`, relative(norm(values), expected), tolerance.norm);
  findings.check(`${name} entries`, scaled(values.slice(0, head.length), head, scale), tolerance.entry);
}
