import { constants } from "node:os";
import { join } from "node:path";
import { extension, type Libtorch } from "../build/libtorch.mjs";

/**
 * Loads the libraries of PyTorch's own builds of libtorch, so that a prebuilt addon, which names no folder, finds them in
 * the process. Debian's are where the system looks.
 */
export function loadLibtorch({ kind, libraries, cuda }: Pick<Libtorch, "kind" | "libraries" | "cuda">): void {
  if (kind === "debian") return;
  for (const name of cuda ? ["libtorch_cpu", "libtorch_cuda", "libtorch"] : ["libtorch_cpu"]) {
    loadLibrary(join(libraries, name + extension));
  }
}

/** dlfcn.h's, which `node:os` lacks: a library that is closed stays. */
const RTLD_NODELETE = process.platform === "darwin" ? 0x80 : 0x1000;

function loadLibrary(file: string): void {
  try {
    process.dlopen({ exports: {} }, file, constants.dlopen.RTLD_LAZY | RTLD_NODELETE);
  } catch (error) {
    // Node loads it, finds no addon in it and closes it.
    if (!String(error).includes("did not self-register")) throw error;
  }
}
