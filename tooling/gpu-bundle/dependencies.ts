import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * The folders of all packages that these packages need to run, as npm installed them, relative to the workspace's root.
 * `from` are folders with a package.json; what a package can do without and is not installed is left out.
 */
export function dependencyFolders(root: string, from: readonly string[]): string[] {
  const found = new Set<string>();
  const queue = [...from];
  for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
    const { dependencies = {}, optionalDependencies = {} } = manifest;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      // Types have nothing to run.
      if (name.startsWith("@types/")) continue;
      const installed = installedFolder(root, folder, name);
      if (installed === undefined && !(name in optionalDependencies))
        throw new Error(`${folder} needs ${name}: npm ci`);
      if (installed === undefined || found.has(installed)) continue;
      found.add(installed);
      queue.push(installed);
    }
  }
  return [...found].sort();
}

/** Where Node finds a package from a folder: in the nearest node_modules. */
export function installedFolder(root: string, folder: string, name: string): string | undefined {
  for (let at = join(root, folder); ; at = dirname(at)) {
    const candidate = join(at, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return relative(root, candidate);
    if (at === root) return undefined;
  }
}
