import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend";

/** The tensors of a call by name; kernels that take a list have them by index. */
export type Inputs = Readonly<Record<string, TensorInfo>>;

/** A kernel of tfjs, on the native side. */
export interface TorchKernel {
  readonly name: string;
  /**
   * Whether the native kernel computes what tfjs would; elsewhere the fallback runs. Asked with native data only.
   * @default always
   */
  readonly when?: (inputs: Inputs, attributes: NamedAttrMap) => boolean;
  readonly run: (backend: TorchBackend, inputs: Inputs, attributes: NamedAttrMap) => TensorInfo | TensorInfo[];
}

/** Whether every input that is there is float32. */
export function allFloat(inputs: Inputs): boolean {
  for (const name in inputs) {
    const input = inputs[name];
    if (input && input.dtype !== "float32") return false;
  }
  return true;
}

/** Whether every input is float32 or int32, and all are the same. */
export function allNumeric(inputs: Inputs): boolean {
  let first: string | undefined;
  for (const name in inputs) {
    const { dtype } = inputs[name] as TensorInfo;
    if (dtype === "bool" || (first !== undefined && dtype !== first)) return false;
    first = dtype;
  }
  return true;
}

/** Integers as a native kernel reads a list. */
export function list(values: readonly number[]): number[] {
  return [values.length, ...values];
}

/** The code of a type that an attribute names. */
export function typeCode(dtype: unknown): number {
  const code = ["float32", "int32", "bool"].indexOf(dtype as string);
  if (code < 0) throw new Error(`no native tensor holds ${String(dtype)}`);
  return code;
}
