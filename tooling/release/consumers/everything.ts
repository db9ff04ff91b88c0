import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { Project } from "../project";
import type { Rehearsal } from "../rehearsal";
import { attempt, inParallel } from "../results";
import { bundles } from "./bundles";
import { compilers, compileAndRun } from "./compilers";
import { loadDoors } from "./doors";
import { examples } from "./examples";
import { installedNodes, nodePackages } from "./nodes";

const programs = join(import.meta.dirname, "../programs");
const tools = [
  "vite@8",
  "webpack@5",
  "webpack-cli@7",
  "@types/node@20",
  ...compilers.map(({ alias }) => alias),
  ...nodePackages,
];

/** Installs every package and the tools of their users in one project, and runs programs there. */
export async function useEverything({ root, folder, registry, packages, quick }: Rehearsal): Promise<void> {
  const project = new Project(join(folder, "everything"), registry);
  const installed = await attempt("every package", "npm install", async () => {
    const names = packages.map(({ name }) => name);
    await project.install(...names, "@tensorflow/tfjs-core@4", "@tensorflow/tfjs-layers@4", ...tools);
    const versions = await project.versionsOf("@tensorflow/tfjs-core");
    if (versions.length !== 1) throw new Error(`want one @tensorflow/tfjs-core, got ${versions.join(", ") || "none"}`);
    return true;
  });
  if (installed !== true) return;
  for (const name of ["model-and-images.mjs", "page.js"]) {
    copyFileSync(join(programs, name), join(project.folder, name));
  }
  const doors = packages.flatMap((each) => each.doors);
  const nodes = installedNodes(project);
  await inParallel([
    () => loadDoors(project, "every door", doors, nodes),
    () => compileAndRun(project, doors, join(programs, "consumer.ts"), nodes, quick),
    () => commands(project),
    () => bundles(project, packages, quick),
    () => examples(project, root),
  ]);
}

/** The commands, as they are typed. */
async function commands(project: Project): Promise<void> {
  const awp = (...args: readonly string[]): Promise<string> => project.run("npx", "--no-install", ...args);
  await attempt("awp-backend-torch --help", "npx", () => awp("awp-backend-torch", "--help"));
  await attempt("awp backends", "npx", () => awp("awp", "backends"));
  await attempt("awp evaluate model.json", "npx, wasm", async () => {
    await project.run("node", "model-and-images.mjs");
    const attacks = ["--epsilon", "0,8/255", "--attack", "fgsm,pgd-3"];
    await awp("awp", "evaluate", "model.json", "--data", ".", "--backend", "wasm", ...attacks);
  });
}
