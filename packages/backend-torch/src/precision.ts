import { loadAddon } from "./native";

/** How exactly convolutions and matrix products are computed. */
export interface Precision {
  /** Whether a GPU's tensor cores may round their factors to TF32 (10 bits of mantissa). PyTorch's defaults. */
  readonly tf32?: {
    /** @default true */
    readonly convolution?: boolean;
    /** @default false */
    readonly matmul?: boolean;
  };
  /**
   * The type in which convolutions and matrix products take their factors, and in which their results are stored;
   * ReLU, sums and, on a GPU, batch normalisation keep what they get in it. Statistics, losses, weights and their
   * gradients stay in float32, and so does what JavaScript sees.
   *
   * @default "float32"
   */
  readonly storage?: "float32" | "bfloat16";
}

/**
 * Sets the precision of all that runs from now on, in the whole process; what is left out gets its default. A step that
 * is recorded already may keep the precision that it was recorded with.
 *
 * @example
 * await useBackend("torch");
 * setPrecision({ storage: "bfloat16" }); // half the memory of activations
 * @throws Error for a storage of another name.
 */
export function setPrecision({ tf32 = {}, storage = "float32" }: Precision): void {
  if (storage !== "float32" && storage !== "bfloat16") {
    throw new Error(`storage: got ${JSON.stringify(storage)}, want "float32" or "bfloat16"`);
  }
  const { convolution = true, matmul = false } = tf32;
  loadAddon().configure(Number(convolution), Number(matmul), Number(storage === "bfloat16"));
}
