import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What is read of an entry of package-lock.json. */
export interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export type Lock = ReadonlyMap<string, LockEntry>;

export function readLock(root: string): Lock {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, LockEntry>>;
  };
  return new Map(Object.entries(packages));
}

/** The name of the package of an entry's path. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

/** The paths of all that a user of these folders installs with them, optional peers aside. */
export function installedWith(lock: Lock, folders: readonly string[]): readonly string[] {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    const entry = lock.get(path) ?? {};
    const peers = Object.keys(entry.peerDependencies ?? {}).filter(
      (name) => entry.peerDependenciesMeta?.[name]?.optional !== true,
    );
    for (const name of [...Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }), ...peers]) {
      const found = resolved(lock, path, name);
      if (found !== undefined) visit(found);
    }
  };
  for (const folder of folders) visit(folder);
  return [...reached].filter((path) => path.includes("node_modules/"));
}

/** Where Node finds `name` from inside `path`: the nearest node_modules, a workspace's folder behind a link. */
function resolved(lock: Lock, path: string, name: string): string | undefined {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))) {
    const candidate = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    const entry = lock.get(candidate);
    if (entry !== undefined) return entry.link === true ? entry.resolved : candidate;
    if (folder === "") return undefined;
  }
}
