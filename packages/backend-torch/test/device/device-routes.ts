import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach } from "vitest";
import { setPrecision } from "../../src";
import { loadAddon } from "../../src/native";
import { obstacle } from "../torch";

/** Has a file's tests take on the CPU the routes for CUDA, with its kernels run over a shim. */
export function onDeviceRoutes(): void {
  const available = obstacle() === undefined;
  beforeEach(() => {
    if (available) loadAddon().deviceRoutes(1);
  });
  afterEach(() => {
    if (available) loadAddon().deviceRoutes(0);
    setPrecision({});
  });
}

/** What a computation yields by the routes of the CPU, in a file of {@link onDeviceRoutes}. */
export function onCpuRoutes<T>(compute: () => T): T {
  loadAddon().deviceRoutes(0);
  try {
    return compute();
  } finally {
    loadAddon().deviceRoutes(1);
  }
}

export type Storage = "float32" | "bfloat16";

/** The values nearest to a type's numbers: what is stored of them. */
export function rounded(values: readonly number[], storage: Storage): number[] {
  const floats = Float32Array.from(values);
  if (storage === "bfloat16") {
    const bits = new Uint32Array(floats.buffer);
    for (const [i, word] of bits.entries()) bits[i] = (word + 0x7fff + ((word >> 16) & 1)) & 0xffff0000;
  }
  return Array.from(floats);
}

/** An image that is stored in a type, as a convolution leaves its output. */
export function image(
  values: readonly number[],
  shape: readonly [number, number, number, number],
  storage: Storage,
): tf.Tensor4D {
  const x = tf.tensor4d([...values], [...shape]);
  if (storage === "float32") return x;
  return tf.tidy(() => {
    setPrecision({ storage });
    const channels = shape[3];
    const stored = tf.conv2d(x, tf.reshape(tf.eye(channels), [1, 1, channels, channels]) as tf.Tensor4D, 1, "valid");
    setPrecision({});
    x.dispose();
    return stored;
  });
}
