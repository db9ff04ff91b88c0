// What a build takes from a libtorch's headers and symbols.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { extension } from "./libtorch.mjs";

/** The folders of its headers, its full version and its C++ ABI; throws where it has no headers. */
export function headersOf(libtorch) {
  const include = join(libtorch.root, "include");
  if (!existsSync(join(include, "ATen/ATen.h"))) {
    throw new Error(
      `libtorch ${libtorch.version} of ${libtorch.source} has no headers (on Debian: apt-get install libtorch-dev)`,
    );
  }
  return {
    includes: [include, join(include, "torch/csrc/api/include")].filter((folder) => existsSync(folder)),
    version: versionIn(include) ?? libtorch.version,
    cxx11Abi: usesCxx11Abi(libtorch.libraries),
  };
}

function versionIn(include) {
  const text = ["torch/version.h", "torch/headeronly/version.h"]
    .flatMap((path) => [join(include, path), join(include, "torch/csrc/api/include", path)])
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, "utf8"))
    .find((header) => /TORCH_VERSION_MAJOR \d/.test(header));
  const parts = ["MAJOR", "MINOR", "PATCH"].map((part) => new RegExp(`TORCH_VERSION_${part} (\\d+)`).exec(text)?.[1]);
  return text === undefined ? undefined : parts.join(".");
}

/** Whether the library's symbols are of GCC's newer C++ ABI: pip's torch was built with the older one up to 2.6. */
function usesCxx11Abi(libraries) {
  // c10::Error's constructor takes a std::string, whose name differs between the two.
  return readFileSync(join(libraries, `libc10${extension}`)).includes("cxx11");
}
