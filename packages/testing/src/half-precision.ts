import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";

/** A floating-point format narrower than float32. */
interface Format {
  /** Bits of the significand, the leading one included. */
  readonly significand: number;
  /** Below 2 to this, numbers are as far apart as just above it. */
  readonly leastExponent: number;
  readonly largest: number;
}

const formats: Readonly<Record<"float16" | "bfloat16", Format>> = {
  float16: { significand: 11, leastExponent: -14, largest: 65504 },
  bfloat16: { significand: 8, leastExponent: -126, largest: 3.3895313892515355e38 },
};

/**
 * Registers a backend named for its format, which rounds what goes in and what each kernel answers to it: plain JavaScript
 * in the precision of a GPU's half-float textures.
 */
export function registerHalfPrecision(name: keyof typeof formats): void {
  const backend = new RoundingBackend(formats[name]);
  tf.registerBackend(name, () => backend);
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend("cpu")) {
    tf.registerKernel({
      kernelName,
      backendName: name,
      kernelFunc: (call) => {
        const outputs = kernelFunc(call);
        for (const { dataId } of [outputs].flat()) backend.round(backend.data.get(dataId).values);
        return outputs;
      },
    });
  }
}

class RoundingBackend extends MathBackendCPU {
  readonly #format: Format;

  constructor(format: Format) {
    super();
    this.#format = format;
  }

  override write(...[values, shape, dtype]: Parameters<MathBackendCPU["write"]>): ReturnType<MathBackendCPU["write"]> {
    const own = values instanceof Float32Array ? values.slice() : values;
    this.round(own);
    return super.write(own, shape, dtype);
  }

  round(values: tf.backend_util.BackendValues | undefined): void {
    if (values instanceof Float32Array)
      for (const [i, value] of values.entries()) values[i] = rounded(value, this.#format);
  }
}

function rounded(value: number, { significand, leastExponent, largest }: Format): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), leastExponent);
  const spacing = 2 ** (exponent - significand + 1);
  const nearest = Math.round(value / spacing) * spacing;
  return Math.abs(nearest) > largest ? nearest * Number.POSITIVE_INFINITY : nearest;
}
