import * as tf from "@tensorflow/tfjs-core";
import { AwpError } from "../error";
import { mendGradients } from "./mended-gradients";
import { mendResizeGradients } from "./resize-gradients";
import { completeWasm } from "./wasm";

/**
 * Throws unless a backend and TensorFlow.js's gradients are registered, which `@tensorflow/tfjs-core` alone does not do.
 * A wasm backend that was chosen without `useBackend` gets what it lacks.
 */
export function ensureGradients(): void {
  if (tf.getGradient("Sum") === undefined || tf.engine().backendNames().length === 0) {
    throw new AwpError(
      "TensorFlow.js has no backend or no gradients yet: call `await useBackend()` from @awp/core once, " +
        'or import "@tensorflow/tfjs" in your program',
    );
  }
  mendGradients();
  mendResizeGradients("cpu");
  if (tf.getBackend() === "wasm") completeWasm();
}
