// Which prebuilt addon fits a libtorch, and where it is.
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The package that holds this platform's prebuilt addons. */
export const platformPackage = `@awp/backend-torch-${process.platform}-${process.arch}`;

/**
 * The file name of the addon for a libtorch. C++ has no ABI that lasts: one for each minor version. Debian's libraries
 * have other names than PyTorch's, and CUDA's structures change with its major version.
 */
export function prebuiltName({ kind, version, cuda, cudaMajor }) {
  const minor = /^\d+\.\d+/.exec(version)?.[0] ?? version;
  return `${kind}-${minor}-${cuda ? `cuda${cudaMajor ?? ""}` : "cpu"}.node`;
}

/** The prebuilt addon for a libtorch among those that are installed. */
export function findPrebuilt(libtorch, from) {
  const found = `found libtorch ${libtorch.version} (${libtorch.source}, ${libtorch.libraries})`;
  const folder = folderOf(platformPackage, from);
  if (folder === undefined) {
    return { reason: `${found}, but ${platformPackage} with the prebuilt addons is not installed` };
  }
  const wanted = prebuiltName(libtorch);
  const names = readdirSync(folder).filter((name) => name.endsWith(".node"));
  if (names.includes(wanted)) return { file: join(folder, wanted) };
  const list = names.map((name) => name.replace(/\.node$/, "")).sort(byNumbers);
  return {
    reason: `${found}, which wants ${wanted.replace(/\.node$/, "")}: ${platformPackage} has ${list.join(", ")}`,
  };
}

function folderOf(name, from) {
  try {
    return dirname(createRequire(from).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** 2.9 before 2.13. */
const byNumbers = new Intl.Collator("en", { numeric: true }).compare;
