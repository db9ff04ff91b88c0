import * as tf from "@tensorflow/tfjs-core";
import { AwpError, requireArgument } from "./error";
import { registerWasmConvolutionGradients } from "./wasm-convolution";

/**
 * A backend that packages of this family run on.
 *
 * - `"tensorflow"`: TensorFlow's C library on CUDA or CPU: `@tensorflow/tfjs-node-gpu`, else `@tensorflow/tfjs-node`.
 * - `"wasm"`: WebAssembly with SIMD, one thread; always there.
 * - `"cpu"`: plain JavaScript; slow, always there.
 */
export type BackendName = "tensorflow" | "wasm" | "cpu";

/** What {@link useBackend} chose. */
export interface ChosenBackend {
  readonly name: BackendName;
  /** What the computation runs on, in words. */
  readonly device: string;
  /** Why this backend, and why not the ones before it. */
  readonly reason: string;
}

/** Makes a backend ready and answers with its device in words; throws what to do when it cannot be had. */
type Loader = () => Promise<string>;

/** In the order in which the automatic choice tries them. */
const loaders: Readonly<Record<BackendName, Loader>> = { tensorflow: loadTensorflow, wasm: loadWasm, cpu: loadCpu };

/**
 * Loads a backend with its gradients and makes it TensorFlow.js's current one; to be awaited once, before any tensor.
 *
 * Without a `choice` it takes the fastest that loads, and never fails. With one, it throws an {@link AwpError} that says
 * what to install if that backend cannot be had.
 */
export async function useBackend(choice?: BackendName): Promise<ChosenBackend> {
  const names = Object.keys(loaders) as BackendName[];
  requireArgument(choice === undefined || names.includes(choice), "backend", choice, `one of ${names.join(", ")}`);
  if (choice !== undefined) return { name: choice, device: await load(choice), reason: "asked for" };

  const refusals: string[] = [];
  for (const name of names) {
    try {
      const device = await load(name);
      return { name, device, reason: ["the fastest that loads", ...refusals].join("; ") };
    } catch (error) {
      refusals.push(`not ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new AwpError(`no backend loads: ${refusals.join("; ")}`);
}

async function load(name: BackendName): Promise<string> {
  const device = await loaders[name]();
  if (tf.getGradient("Sum") === undefined) await import("@tensorflow/tfjs-layers");
  if (!(await tf.setBackend(name))) throw new AwpError(`TensorFlow.js could not initialise its backend ${name}`);
  return device;
}

async function loadTensorflow(): Promise<string> {
  const { default: util } = await import("node:util");
  // tfjs-node 4 calls this, which Node 23 removed.
  (util as { isNullOrUndefined?: unknown }).isNullOrUndefined ??= (value: unknown) =>
    value === null || value === undefined;

  const failures: string[] = [];
  for (const specifier of ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"]) {
    try {
      await import(specifier);
      const { isUsingGpuDevice } = tf.findBackend("tensorflow") as unknown as { isUsingGpuDevice: boolean };
      return `${specifier} on ${isUsingGpuDevice ? "CUDA" : "CPU"}`;
    } catch (error) {
      failures.push(
        `${specifier} ${isMissing(error, specifier) ? "is not installed" : `does not load (${firstLine(error)})`}`,
      );
    }
  }
  throw new AwpError(
    `${failures.join(", ")}: npm install @tensorflow/tfjs-node-gpu (CUDA 11.2) or @tensorflow/tfjs-node`,
  );
}

async function loadWasm(): Promise<string> {
  await import("@tensorflow/tfjs-backend-wasm");
  await withoutNewListeners(() => tf.setBackend("wasm"));
  registerWasmConvolutionGradients();
  const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
  return simd === true ? "CPU, one thread with SIMD" : "CPU, one thread without SIMD";
}

async function loadCpu(): Promise<string> {
  await import("@tensorflow/tfjs-backend-cpu");
  // At its first write the backend prints advice to install tfjs-node; who comes here has chosen.
  const production = tf.env().getBool("PROD");
  tf.env().set("PROD", true);
  await tf.setBackend("cpu");
  tf.scalar(0).dispose();
  tf.env().set("PROD", production);
  return "CPU, plain JavaScript";
}

/**
 * Emscripten's start-up listens for uncaught exceptions and rejections of the whole process and answers each with a
 * page of minified source: whoever uses a library did not ask for that.
 */
async function withoutNewListeners(start: () => Promise<unknown>): Promise<void> {
  if (typeof process === "undefined") return void (await start());
  const events = ["uncaughtException", "unhandledRejection"];
  const before = new Set(events.flatMap((event) => process.listeners(event as "exit")));
  await start();
  for (const event of events) {
    for (const listener of process.listeners(event as "exit")) {
      if (!before.has(listener)) process.removeListener(event, listener);
    }
  }
}

function isMissing(error: unknown, specifier: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ERR_MODULE_NOT_FOUND" && message.includes(specifier);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
