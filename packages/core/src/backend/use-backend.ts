import * as tf from "@tensorflow/tfjs-core";
import { AwpError, requireArgument } from "../error";
import { ensureGradients } from "./ensure-gradients";

/**
 * A backend that packages of this family run on.
 *
 * - `"torch"`: libtorch, PyTorch's C++ library, on CUDA or CPU: `@awp/backend-torch`, built on the machine.
 * - `"tensorflow"`: TensorFlow's C library on CUDA or CPU: `@tensorflow/tfjs-node-gpu`, else `@tensorflow/tfjs-node`.
 * - `"wasm"`: WebAssembly with SIMD, one thread; always there.
 * - `"cpu"`: plain JavaScript; slow, always there.
 */
export type BackendName = (typeof backendNames)[number];

/** The names of all backends, for menus and command lines. */
export const backendNames = ["torch", "tensorflow", "wasm", "cpu"] as const;

/** What {@link useBackend} chose. */
export interface ChosenBackend {
  readonly name: BackendName;
  /** What the computation runs on, in words. */
  readonly device: string;
  /** Why this backend, and why not the ones before it. */
  readonly reason: string;
}

/** A backend on a kind of device: `load` makes it ready and returns the device in words, or throws what to do. */
interface Candidate {
  readonly name: BackendName;
  readonly load: () => Promise<string>;
}

/** The backends in the order in which the automatic choice tries them: one on CUDA comes before all on the CPU. */
const candidates: readonly Candidate[] = [
  { name: "torch", load: () => loadTorch("CUDA") },
  { name: "tensorflow", load: () => loadTensorflow("CUDA") },
  { name: "torch", load: () => loadTorch("CPU") },
  { name: "tensorflow", load: () => loadTensorflow("CPU") },
  { name: "wasm", load: loadWasm },
  { name: "cpu", load: loadCpu },
];

/**
 * Loads a backend with its gradients and makes it TensorFlow.js's current one; await it once, before the first tensor.
 *
 * Without a `choice` it takes the fastest that loads, and never fails.
 *
 * @throws ArgumentError for an unknown name; AwpError that says what to install if the chosen backend does not load.
 * @example
 * const { name, device, reason } = await useBackend(); // the fastest that there is
 * await useBackend("wasm"); // this one, or an error
 */
export async function useBackend(choice?: BackendName): Promise<ChosenBackend> {
  const known = choice === undefined || backendNames.includes(choice);
  requireArgument(known, "backend", choice, `one of ${backendNames.join(", ")}`);

  const refusals = new Map<string, string>();
  for (const { name, load } of candidates) {
    if (choice !== undefined && choice !== name) continue;
    try {
      // Gradients first: a backend may have better ones for some kernels.
      if (tf.getGradient("Sum") === undefined) await import("@tensorflow/tfjs-layers");
      const device = await load();
      if (!(await tf.setBackend(name))) throw new AwpError(`TensorFlow.js could not initialise its backend ${name}`);
      ensureGradients();
      const because = [
        "the fastest that loads",
        ...Array.from(refusals, ([other, why]) => `not ${other}: ${firstLine(why)}`),
      ];
      return { name, device, reason: choice === undefined ? because.join("; ") : "asked for" };
    } catch (error) {
      refusals.set(name, error instanceof Error ? error.message : String(error));
    }
  }
  throw new AwpError(choice === undefined ? "no backend loads" : (refusals.get(choice) as string));
}

type Device = "CUDA" | "CPU";

/** What core uses of `@awp/backend-torch`, which it knows by name alone. */
interface TorchModule {
  torchDevice(): {
    readonly device: "cpu" | "cuda";
    readonly cuda: boolean;
    readonly version: string;
    readonly threads: number;
  };
}

async function loadTorch(wanted: Device): Promise<string> {
  const specifier = "@awp/backend-torch" as string;
  let torch: TorchModule;
  try {
    torch = (await import(specifier)) as TorchModule;
  } catch (error) {
    if (!isMissing(error, specifier)) throw error;
    throw new AwpError(`${specifier} is not installed: npm install ${specifier}, then npx awp-backend-torch build`);
  }
  const { device, cuda, version, threads } = torch.torchDevice();
  if (wanted === "CUDA" && device !== "cuda") {
    throw new AwpError(`${specifier} ${cuda ? "finds no CUDA device" : "was built without CUDA"}`);
  }
  return `libtorch ${version} on ${device === "cuda" ? "CUDA" : `CPU, ${threads} threads${cuda ? ", finding no GPU" : ""}`}`;
}

async function loadTensorflow(wanted: Device): Promise<string> {
  if (typeof process === "undefined") throw new AwpError("TensorFlow's C library wants Node");
  // tfjs-node 4 calls this, which Node 23 removed. Asked for without an import, which no browser bundle could resolve.
  const util = process.getBuiltinModule("node:util") as { isNullOrUndefined?: (value: unknown) => boolean };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;

  const failures: string[] = [];
  for (const specifier of ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"]) {
    try {
      await import(specifier);
      const { isUsingGpuDevice } = tf.findBackend("tensorflow") as unknown as { isUsingGpuDevice: boolean };
      if (wanted === "CPU" || isUsingGpuDevice) return `${specifier} on ${isUsingGpuDevice ? "CUDA" : "CPU"}`;
      failures.push(`${specifier} finds no CUDA device`);
    } catch (error) {
      failures.push(
        `${specifier} ${isMissing(error, specifier) ? "is not installed" : `does not load (${firstLine(String(error))})`}`,
      );
    }
  }
  throw new AwpError(
    `${failures.join(", ")}: npm install @tensorflow/tfjs-node-gpu (CUDA 11.2) or @tensorflow/tfjs-node`,
  );
}

async function loadWasm(): Promise<string> {
  const specifier = "@tensorflow/tfjs-backend-wasm";
  try {
    // The cpu backend's kernels take the place of those that wasm lacks.
    await Promise.all([import("@tensorflow/tfjs-backend-wasm"), import("@tensorflow/tfjs-backend-cpu")]);
  } catch (error) {
    if (!isMissing(error, specifier)) throw error;
    throw new AwpError(`${specifier} is not installed: npm install ${specifier}`);
  }
  if (!(await withoutNewListeners(() => tf.setBackend("wasm"))) && typeof process === "undefined") {
    throw new AwpError(
      `the page does not get wasm's files: serve *.wasm of ${specifier}/dist beside it, or setWasmPaths`,
    );
  }
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
 * Runs `start` and removes the listeners that it adds to the process. Emscripten's start-up listens for uncaught
 * exceptions and rejections and prints a page of minified source for each, which no user of a library asked for.
 */
async function withoutNewListeners<T>(start: () => Promise<T>): Promise<T> {
  if (typeof process === "undefined") return start();
  const events = ["uncaughtException", "unhandledRejection"];
  const before = new Set(events.flatMap((event) => process.listeners(event as "exit")));
  const started = await start();
  for (const event of events) {
    for (const listener of process.listeners(event as "exit")) {
      if (!before.has(listener)) process.removeListener(event, listener);
    }
  }
  return started;
}

function isMissing(error: unknown, specifier: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ERR_MODULE_NOT_FOUND" && message.includes(specifier);
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
