import { join } from "node:path";
import { Project } from "../project";
import type { Rehearsal } from "../rehearsal";
import { attempt } from "../results";
import type { Workspace } from "../workspace";

/** A fix of one package is released; a project that has several updates, and still has one of each. */
export async function upgrade(
  { folder, registry, packages }: Rehearsal,
  workspace: Workspace,
  first: string,
): Promise<void> {
  const project = new Project(join(folder, "upgrade"), registry);
  const names = packages.map(({ name }) => name).filter((name) => name !== "@awp/cli" && name !== "@awp/report");
  await attempt("a project of several packages", first, async () => {
    await project.install("@tensorflow/tfjs-core", ...names.map((name) => `${name}@${first}`));
    // As someone has it who installed them when they were the newest.
    await project.run("npm", "pkg", "set", ...names.map((name) => `dependencies.${name}=^${first}`));
    await oneOfEach(project, names, first);
  });

  const second = await attempt("npm run version", "a fix of @awp/attacks", async () => {
    await workspace.change("@awp/attacks", "patch");
    const version = await workspace.version();
    workspace.inspect(version);
    await workspace.release(false);
    return version;
  });
  if (second === undefined) return;
  await attempt("a project of several packages", `npm update to ${second}`, async () => {
    await project.run("npm", "update", "--prefer-online", "--no-audit", "--no-fund");
    await oneOfEach(project, names, second);
  });
}

async function oneOfEach(project: Project, names: readonly string[], version: string): Promise<void> {
  for (const [name, want] of [
    ...names.map((each) => [each, version] as const),
    ["@tensorflow/tfjs-core", undefined] as const,
  ]) {
    const versions = await project.versionsOf(name);
    if (versions.length !== 1 || (want !== undefined && versions[0] !== want)) {
      throw new Error(`want one ${name} ${want ?? ""}, got ${versions.join(", ") || "none"}`);
    }
  }
}
