// Finds the libtorch of this machine, for the build and for the choice of a prebuilt addon.
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { askForTorch, torchOf } from "./python.mjs";

/** The ending of the names of shared libraries. */
export const extension = process.platform === "darwin" ? ".dylib" : ".so";

/** The first libtorch of `$LIBTORCH`, Python's torch and the system's; undefined where there is none. */
export function findLibtorch() {
  const given = process.env.LIBTORCH;
  if (given !== undefined && given !== "") {
    const found = describe(given, join(given, "lib"), "$LIBTORCH");
    if (found === undefined) throw new Error(`$LIBTORCH is ${given}, which holds no lib/libc10${extension}`);
    return found;
  }
  return ofPython(torchOf) ?? system() ?? ofPython(askForTorch);
}

function ofPython(folderOf) {
  for (const python of [process.env.PYTHON, "python3", "/usr/bin/python3"]) {
    const folder = python ? folderOf(python) : undefined;
    const found = folder && describe(folder, join(folder, "lib"), `the torch of ${python}`);
    if (found) return found;
  }
  return undefined;
}

/** The system's, as Debian's libtorch without Python. */
function system() {
  const libraries = readdirIfThere("/usr/lib").map((name) => join("/usr/lib", name));
  const folders = ["/usr/lib", "/usr/lib64", ...libraries].filter((folder) => !basename(folder).startsWith("python"));
  for (const folder of folders) {
    const file = readdirIfThere(folder).find((name) => /^libc10\.so(\.\d+\.\d+)?$/.test(name));
    if (file !== undefined) return describe("/usr", folder, "the system's libtorch", file);
  }
  return undefined;
}

function describe(root, folder, source, file = `libc10${extension}`) {
  if (!existsSync(join(folder, file))) return undefined;
  // Debian's Python leads to the system's libraries by links.
  const library = realpathSync(join(folder, file));
  const libraries = dirname(library);
  const named = /\.so\.(\d+\.\d+)/.exec(basename(library))?.[1];
  const release = named ?? releaseOf(root);
  return {
    source,
    version: release.replace(/\+.*/, ""),
    kind: named === undefined ? "pytorch" : "debian",
    cuda: existsSync(join(libraries, named === undefined ? `libtorch_cuda${extension}` : `libtorch_cuda.so.${named}`)),
    cudaMajor: /\+cu(\d+)\d$/.exec(release)?.[1],
    root,
    libraries,
  };
}

/** `2.13.0+cu130`, of a Python package or of an unpacked libtorch. */
function releaseOf(root) {
  const read = (name) => (existsSync(join(root, name)) ? readFileSync(join(root, name), "utf8").trim() : undefined);
  return /__version__ = '(.+)'/.exec(read("version.py") ?? "")?.[1] ?? read("build-version") ?? "of unknown version";
}

const readdirIfThere = (folder) => (existsSync(folder) ? readdirSync(folder) : []);
