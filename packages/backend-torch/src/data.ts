import type { backend_util, DataType } from "@tensorflow/tfjs-core";

/** What native tensors hold. */
export type NativeType = "float32" | "int32" | "bool";

/** Strings and complex numbers stay in JavaScript. */
export type HostValues = Uint8Array[] | { readonly real: Float32Array; readonly imag: Float32Array };

/** The state of disposed data, or of data that another backend holds at present. */
export const noHandle = -1;

/** A DataId that carries its data, so that no kernel call looks anything up. */
export class TorchData {
  handle: number = noHandle;
  host: HostValues | undefined;
  refCount = 0;
}

export function isNativeType(dtype: DataType): dtype is NativeType {
  return dtype === "float32" || dtype === "int32" || dtype === "bool";
}

/** The values in the typed array of their type; tfjs's own kernels label arrays with other types than theirs. */
export function typedValues(
  values: backend_util.BackendValues | readonly number[] | readonly boolean[],
  dtype: NativeType,
): Float32Array | Int32Array | Uint8Array {
  const numbers = values as ArrayLike<number>;
  switch (dtype) {
    case "float32":
      return values instanceof Float32Array ? values : Float32Array.from(numbers);
    case "int32":
      return values instanceof Int32Array ? values : Int32Array.from(numbers);
    case "bool":
      return values instanceof Uint8Array ? values : Uint8Array.from(numbers, (value) => (value ? 1 : 0));
  }
}

/** Real and imaginary parts of interleaved values. */
export function splitComplex(values: Float32Array): { real: Float32Array; imag: Float32Array } {
  const real = new Float32Array(values.length / 2);
  const imag = new Float32Array(values.length / 2);
  for (let i = 0; i < real.length; i++) {
    real[i] = values[2 * i] as number;
    imag[i] = values[2 * i + 1] as number;
  }
  return { real, imag };
}
