import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { dependencyFolders, installedFolder } from "./dependencies";

const sources = ["packages", "bench", "goldens", "tooling/gpu-bundle", "package.json", "tsconfig.base.json"];
/** The goldens and the specs run from their sources, as they do here; tfjs-core's specs are bundled on the box. */
const runners = ["tsx", "esbuild", "jasmine-core"];

/**
 * Copies what git knows or would add, without tests, and what is built of it; returns the folders of the workspaces
 * among it.
 */
export function copySources(root: string, stage: string): string[] {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...sources];
  const files = execFileSync("git", list, { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter((file) => file !== "" && !file.includes("/test/") && existsSync(join(root, file)));
  for (const file of files) {
    mkdirSync(dirname(join(stage, file)), { recursive: true });
    copyFileSync(join(root, file), join(stage, file));
  }
  const workspaces = files.filter((file) => /^(packages\/[^/]+|bench|goldens)\/package\.json$/.test(file)).map(dirname);
  for (const built of workspaces.map((folder) => join(folder, "dist"))) {
    if (existsSync(join(root, built)))
      cpSync(join(root, built), join(stage, built), { recursive: true, filter: isNeeded });
  }
  return workspaces;
}

/** Copies the packages that the workspaces need to run, and links the workspaces among them. */
export function copyPackages(root: string, stage: string, workspaces: readonly string[]): void {
  const tools = runners.map((name) => {
    const folder = installedFolder(root, "packages/backend-torch", name);
    if (folder === undefined) throw new Error(`${name} is not installed: npm ci`);
    return folder;
  });
  const links = new Map(workspaces.map((folder) => [join("node_modules", nameOf(join(root, folder))), folder]));
  for (const folder of new Set([...tools, ...dependencyFolders(root, [...workspaces, ...tools])])) {
    if (!links.has(folder)) cpSync(join(root, folder), join(stage, folder), { recursive: true, filter: isNeeded });
  }
  for (const [link, folder] of links) {
    mkdirSync(dirname(join(stage, link)), { recursive: true });
    symlinkSync(join("../..", folder), join(stage, link));
  }
}

function nameOf(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name: string }).name;
}

/** Not types, source maps, browsers' builds of TensorFlow.js, nor the second copy of esbuild's binary. */
function isNeeded(path: string): boolean {
  const unneeded = [
    /\.d\.[cm]?ts$/,
    /\.map$/,
    /\.md$/,
    /\/@tensorflow\/[^/]+\/src$/,
    /\/@tensorflow\/[^/]+\/dist\/tf-(?!.*\.node\.js$)[^/]*$/,
    /\/node_modules\/esbuild\/bin$/,
  ];
  return !unneeded.some((pattern) => pattern.test(path));
}
