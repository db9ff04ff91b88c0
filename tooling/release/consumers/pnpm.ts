import { join } from "node:path";
import { Project } from "../project";
import type { Rehearsal } from "../rehearsal";
import { attempt } from "../results";
import { loadDoors } from "./doors";

/** Installs every package with pnpm, where a package reaches nothing but what it names as its dependencies. */
export async function usePnpm({ folder, registry, packages }: Rehearsal): Promise<void> {
  const project = new Project(join(folder, "pnpm"), registry);
  const installed = await attempt("every package", "pnpm add", async () => {
    const names = packages.map(({ name }) => name);
    const store = ["--store-dir", join(folder, "pnpm-store")];
    await project.run("npx", "--yes", "pnpm@10", "add", ...store, ...names, "@tensorflow/tfjs-core");
    return true;
  });
  if (installed !== true) return;
  await loadDoors(
    project,
    "every package",
    packages.flatMap(({ doors }) => doors),
    { pnpm: process.execPath },
  );
}
