import * as tf from "@tensorflow/tfjs-core";
import { TorchBackend } from "./backend";
import { registerKernels } from "./kernels/all-kernels";
import { loadAddon } from "./native";
import { registerReluGradient } from "./relu-gradient";

const backendName = "torch";
/** A priority above those of tfjs's own backends: who imports this one wants it. */
const priority = 4;

/** What the backend computes on. */
export interface TorchDevice {
  readonly device: "cpu" | "cuda";
  /** Whether the addon was built with CUDA; without a device it computes on the CPU all the same. */
  readonly cuda: boolean;
  /** The version of libtorch. */
  readonly version: string;
  /** Threads of the CPU that it uses. */
  readonly threads: number;
}

/** Tells tfjs of the backend; the addon is loaded when tfjs first uses it. */
export function registerTorchBackend(): void {
  tf.registerBackend(
    backendName,
    () => {
      const backend = new TorchBackend(loadAddon());
      registerKernels(backendName);
      registerReluGradient();
      return backend;
    },
    priority,
  );
}

/**
 * Loads the addon and returns its device; throws how to build it where it is missing.
 *
 * @example
 * const { device, version, threads } = torchDevice(); // "cuda", "2.6.0", 16
 */
export function torchDevice(): TorchDevice {
  const addon = loadAddon();
  const { device, cuda, version } = addon;
  return { device, cuda, version, threads: addon.threads(0) };
}
