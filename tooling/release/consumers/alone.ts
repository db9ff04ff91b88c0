import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PublishablePackage } from "../../publishable";
import { Project } from "../project";
import type { Rehearsal } from "../rehearsal";
import { attempt } from "../results";
import { loadDoors } from "./doors";
import { missing } from "./missing";

/** Installs one package by the line of its README in an empty project, and loads its doors. */
export async function installAlone(
  rehearsal: Rehearsal,
  { name, path, directory, doors }: PublishablePackage,
): Promise<void> {
  const project = new Project(join(rehearsal.folder, "alone", directory), rehearsal.registry);
  const installed = await attempt(name, "npm install as its README says", async () => {
    await project.install(...installLine(readFileSync(join(path, "README.md"), "utf8")));
    const versions = await project.versionsOf("@tensorflow/tfjs-core");
    if (versions.length !== 1) throw new Error(`want one @tensorflow/tfjs-core, got ${versions.join(", ") || "none"}`);
    return true;
  });
  if (installed !== true) return;
  await loadDoors(project, name, doors, { [`Node ${process.versions.node}`]: process.execPath });
  await missing(project, name);
}

/** The packages that the README's first `npm install` names. */
function installLine(readme: string): readonly string[] {
  const line = /^npm install ((?:[@\w./-]+ ?)+)/m.exec(readme)?.[1];
  if (line === undefined) throw new Error("the README has no line `npm install …`");
  return line.trim().split(" ");
}
