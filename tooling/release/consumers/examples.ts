import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "../project";
import { attempt } from "../results";
import { compilers } from "./compilers";

/** The examples that need neither a data set nor long, with what they are given. */
const programs: Readonly<Record<string, readonly string[]>> = {
  quickstart: [],
  "any-model": ["model.json"],
  "hand-written-loop": [],
  "data-parallel": [],
  "own-defense": [],
  "own-attack": [],
  "pytorch-checkpoint": [],
};

/** Compiles the examples against what is installed, and runs them. */
export async function examples(project: Project, root: string): Promise<void> {
  for (const name of Object.keys(programs)) {
    for (const part of ["src", "data"]) {
      const from = join(root, "examples", name, part);
      if (existsSync(from)) cpSync(from, join(project.folder, "examples", name, part), { recursive: true });
    }
  }
  const newest = compilers.at(-1) as (typeof compilers)[number];
  const compiled = await attempt("examples", `${newest.name}, strict`, async () => {
    project.write("examples/package.json", { type: "module" });
    project.write("examples/tsconfig.json", {
      compilerOptions: {
        module: "nodenext",
        target: "es2022",
        strict: true,
        skipLibCheck: true,
        types: ["node", "long"],
      },
      files: Object.keys(programs).map((name) => `${name}/src/main.ts`),
    });
    await project.run("node", newest.path, "-p", "examples");
    return true;
  });
  if (compiled !== true) return;
  for (const [name, args] of Object.entries(programs)) {
    await attempt(`examples/${name}`, "from the registry", async () => {
      if ((await project.run("node", `examples/${name}/src/main.js`, ...args)).trim() === "")
        throw new Error("it says nothing");
    });
  }
}
