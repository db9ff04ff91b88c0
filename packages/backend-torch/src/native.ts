import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findLibtorch, type Libtorch } from "../build/libtorch.mjs";
import { findPrebuilt } from "../build/prebuilt.mjs";
import type { CollectiveError } from "./distributed/collective-error";
import type { World } from "./distributed/join-options";
import { loadLibtorch } from "./load-libtorch";

/** The compiled addon: tensors are handles, kernels are indices into `kernels`. */
export interface Addon {
  readonly kernels: readonly string[];
  readonly device: "cpu" | "cuda";
  /** Whether it was built with CUDA; without a device it computes on the CPU all the same. */
  readonly cuda: boolean;
  /** The libtorch that it was compiled against. */
  readonly version: string;
  attach(words: Int32Array, numbers: Float64Array): void;
  create(data: Float32Array | Int32Array | Uint8Array): number;
  read(handle: number): Float32Array | Int32Array | Uint8Array;
  release(handle: number): void;
  run(kernel: number, wordCount: number, numberCount: number): number;
  /** The handle of the same values in storage of their own. */
  copy(handle: number): number;
  /** A recorded step, laid out as native/recording/program.h says. */
  program(words: Int32Array, numbers: Float64Array): number;
  /** Runs it; the handles of the variables that it moves hold their new values then. */
  replay(program: number, inputs: Int32Array, variables: Int32Array): number;
  /** Whether recorded steps move variables in place, as on CUDA, 0 or 1; with 2 no graph can be made, too. For tests. */
  replayInPlace(mode: number): void;
  forget(program: number): void;
  /** Flags of the whole process. */
  configure(convolutionTf32: number, matmulTf32: number, bfloat16: number): void;
  /** Returns when the device has done what it was given. */
  synchronize(): void;
  /** How many threads the CPU's kernels use from now on; 0 leaves the number. Returns it. */
  threads(count: number): number;
  /** Whether this thread's operations are counted, as native/device/operation-log.h says: for tests and benchmarks. */
  countOperations(flag: number): void;
  /** What was counted since the last call, by the operator's name. */
  takeOperations(): Readonly<Record<string, number>>;
  /** Whether kernels for CUDA are taken on the CPU too: for tests. */
  deviceRoutes(flag: number): void;
  /** What NVRTC compiles on a GPU, by file of native/cuda, with what nvcc needs to compile it all: for tests. */
  deviceSources(): Readonly<Record<string, string>>;
  /** Compiles all kernels for an architecture, as 90, by NVRTC; the bytes of machine code: for tests. */
  compileForGpu(architecture: number): number;
  /** Comes together with the other processes of a group. */
  joinGroup(world: World, error: typeof CollectiveError): Promise<void>;
  /** Leaves the group; where the error is not empty the others learn that this rank failed by it. */
  leaveGroup(error: string): Promise<void>;
  /** Everyone's bytes, by rank. */
  gatherBytes(kind: "all-gather" | "barrier", what: string, bytes: Uint8Array): Promise<Uint8Array[]>;
  /** An all-reduce (0) or a broadcast (1) of values that no torch tensor holds: new arrays. */
  collectHostValues(code: number, what: string, values: readonly HostArray[]): HostArray[];
  stats(): NativeStats;
  /** The device's peaks count from here. */
  resetPeakMemory(): void;
}

type HostArray = Float32Array | Int32Array | Uint8Array;

/** What is alive on the native side. */
export interface NativeStats {
  readonly tensors: number;
  /** Bytes of storage, each counted once. */
  readonly bytes: number;
  /** The GPU's memory; absent on the CPU. */
  readonly device?: DeviceMemory;
}

/** Bytes that the process has on a GPU. */
export interface DeviceMemory {
  /** Bytes of tensors, those inside recorded steps included. */
  readonly allocated: number;
  readonly peakAllocated: number;
  /** Held by the allocator, which keeps what is freed. */
  readonly reserved: number;
  readonly peakReserved: number;
}

const advice = `Build it with
  npx awp-backend-torch build
which needs a C++ compiler and a libtorch: that of Python's torch (pip install torch), an unpacked one in $LIBTORCH, or on Debian and Ubuntu
  apt-get install g++ libtorch-dev libopenblas0-pthread`;

let loaded: Addon | undefined;

/** The addon, loaded once; throws what to do where it is missing or does not load. */
export function loadAddon(): Addon {
  if (loaded === undefined) {
    // Threads of OpenMP spin for milliseconds while they wait for one another. Where other programs want the cores too, a
    // step takes four times as long by that; a tenth of a millisecond is enough for the next kernel to come.
    if (!process.env["OMP_WAIT_POLICY"]) process.env["GOMP_SPINCOUNT"] ||= "10000";
    // c10d warns with a native stack of every connection that a dead process leaves behind; our errors say which one died.
    process.env["TORCH_CPP_LOG_LEVEL"] ||= "ERROR";
    loaded = chooseAddon(ownAddon());
    // libtorch counts the machine's cores, on some virtual machines as one, and not what the process may use of them.
    if (!threadVariables.some((name) => process.env[name])) loaded.threads(availableParallelism());
  }
  return loaded;
}

/** The variables by which a user tells libtorch how many threads to use. */
const threadVariables = ["OMP_NUM_THREADS", "MKL_NUM_THREADS"];

/** The addon that was built here, in the file `own`; where it is not or does not load, the prebuilt one that fits. */
export function chooseAddon(own: string): Addon {
  let failure: Error | undefined;
  try {
    if (existsSync(own)) return loadAddonFrom(own);
  } catch (error) {
    if (isTheAddons(error)) throw error;
    failure = error as Error;
  }
  const prebuilt = choosePrebuilt();
  if (!("file" in prebuilt)) {
    if (failure !== undefined) throw failure;
    throw new Error(
      `the native addon of @awp/backend-torch is not built, and no prebuilt one fits: ${prebuilt.reason}. ${advice}`,
    );
  }
  loadLibtorch(prebuilt.libtorch);
  return loadAddonFrom(prebuilt.file);
}

/** The prebuilt addon for the libtorch that is found, or why there is none. */
function choosePrebuilt(): { file: string; libtorch: Libtorch } | { reason: string } {
  const libtorch = findLibtorch();
  if (libtorch === undefined) return { reason: "found no libtorch" };
  const prebuilt = findPrebuilt(libtorch, import.meta.url);
  return "file" in prebuilt ? { ...prebuilt, libtorch } : prebuilt;
}

/** The addon in a file; {@link loadAddon} for everyday. */
export function loadAddonFrom(file: string): Addon {
  try {
    const addon = createRequire(file)(file) as Addon;
    // The newest of its functions: an addon of before has not got it.
    if (typeof addon.joinGroup !== "function") throw new Error("it was built from older sources");
    return addon;
  } catch (error) {
    if (isTheAddons(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `the native addon of @awp/backend-torch does not load: ${reason}\nIts libtorch may be gone, or of another version. ${advice}`,
      { cause: error },
    );
  }
}

/** Its own errors: a device that it does not find, for one. */
function isTheAddons(error: unknown): boolean {
  return (error as { code?: unknown }).code === "ERR_TORCH";
}

/** Both `src/` and `dist/` are one folder below the package's root. */
function ownAddon(): string {
  return join(dirname(dirname(fileURLToPath(import.meta.url))), "native", "build", "awp-backend-torch.node");
}
