// Finds a libtorch: where its headers and libraries are, its version, its C++ ABI, and whether it knows CUDA.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

/** The first libtorch of `$LIBTORCH`, Python's torch and the system's; undefined where there is none. */
export function findLibtorch() {
  const given = process.env.LIBTORCH;
  if (given !== undefined && given !== "") {
    const found = unpacked(given, "$LIBTORCH");
    if (found === undefined) throw new Error(`$LIBTORCH is ${given}, which holds no include/ATen/ATen.h`);
    return found;
  }
  const pythons = [process.env.PYTHON, "python3", "/usr/bin/python3"].filter(Boolean);
  for (const python of pythons) {
    const found = pythonPackage(python);
    if (found !== undefined) return found;
  }
  return system();
}

function unpacked(root, source) {
  const include = join(root, "include");
  if (!existsSync(join(include, "ATen/ATen.h"))) return undefined;
  const libraries = join(root, "lib");
  return describe({ includes: [include, join(include, "torch/csrc/api/include")], libraries, source });
}

/** The torch of a Python; Debian's keeps its headers and libraries with the system's. */
function pythonPackage(python) {
  // Found, not imported: an import of torch takes seconds.
  const program = "from importlib.util import find_spec; print(find_spec('torch').origin)";
  const { status, stdout } = spawnSync(python, ["-c", program], { encoding: "utf8" });
  if (status !== 0) return undefined;
  const folder = dirname(stdout.trim());
  return unpacked(folder, `the torch of ${python}`);
}

function system() {
  if (!existsSync("/usr/include/ATen/ATen.h")) return undefined;
  const folders = ["/usr/lib", ...readdirSync("/usr/lib").map((name) => join("/usr/lib", name))];
  const libraries = folders.find((folder) => existsSync(join(folder, "libtorch_cpu.so")));
  if (libraries === undefined) return undefined;
  return describe({ includes: ["/usr/include"], libraries, source: "the system's libtorch-dev" });
}

function describe({ includes, libraries, source }) {
  return {
    includes: includes.filter((folder) => existsSync(folder)),
    libraries,
    source,
    version: version(includes[0]),
    cxx11Abi: usesCxx11Abi(libraries),
    cuda: existsSync(join(libraries, "libtorch_cuda.so")),
  };
}

function version(include) {
  const header = ["torch/version.h", "torch/headeronly/version.h"]
    .flatMap((path) => [join(include, path), join(include, "torch/csrc/api/include", path)])
    .find((file) => existsSync(file) && /TORCH_VERSION_MAJOR \d/.test(readFileSync(file, "utf8")));
  if (header === undefined) return "of unknown version";
  const text = readFileSync(header, "utf8");
  const part = (name) => new RegExp(`TORCH_VERSION_${name} (\\d+)`).exec(text)?.[1] ?? "?";
  return `${part("MAJOR")}.${part("MINOR")}.${part("PATCH")}`;
}

/** Whether the library's symbols are of GCC's newer C++ ABI: pip's torch was built with the older one up to 2.6. */
function usesCxx11Abi(libraries) {
  // c10::Error's constructor takes a std::string, whose name differs between the two.
  return readFileSync(join(libraries, "libc10.so")).includes("cxx11");
}
