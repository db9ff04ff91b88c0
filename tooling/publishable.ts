import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a check reads of a package's manifest. */
interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** A package that is published. */
export interface PublishablePackage {
  readonly name: string;
  /** The folder under packages/. */
  readonly directory: string;
  readonly path: string;
  /** What users import: the name itself, then its subpaths, `package.json` aside. */
  readonly doors: readonly string[];
}

/** The published packages of the workspace at `root`. */
export function publishablePackages(root: string): readonly PublishablePackage[] {
  return readdirSync(join(root, "packages")).flatMap((directory) => {
    const path = join(root, "packages", directory);
    const manifest = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as Manifest;
    const { name, exports } = manifest;
    const subpaths = Object.keys(exports ?? {}).filter((subpath) => subpath !== "./package.json");
    const doors = subpaths.map((subpath) => name + subpath.slice(1));
    return manifest.private === true ? [] : [{ name, directory, path, doors }];
  });
}
