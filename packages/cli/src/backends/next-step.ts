import type { BackendName, BackendStatus } from "@awp/core";
import { gain, type TorchEngine } from "./faster-engine";

/** The one thing to do next for a faster backend, or undefined where nothing is known to be faster. */
export function nextStep(
  chosen: BackendName,
  statuses: readonly BackendStatus[],
  engine: TorchEngine | undefined,
): string | undefined {
  const torch = statuses.find(({ name }) => name === "torch");
  if (statuses.some((status) => status.name === chosen && status.loads && status.device.includes("on CUDA"))) return;
  if (torch?.loads === true) return undefined;
  if (engine === undefined) {
    return `npm install @awp/backend-torch, then npx awp-backend-torch build (${gain}); it wants a C++ compiler and a libtorch, such as that of pip install torch`;
  }
  if (engine.canBeBuilt()) return `${engine.command} (${gain}): a compiler and a libtorch are here`;
  return `install a C++ compiler and a libtorch, on Debian and Ubuntu apt-get install g++ libtorch-dev libopenblas0-pthread, then ${engine.command} (${gain})`;
}
