import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "../project";
import { attempt } from "../results";

interface Compiler {
  readonly name: string;
  readonly alias: string;
  readonly path: string;
  /** Whether every declaration on the way is checked; TensorFlow.js's own clash with the DOM's of the newest. */
  readonly skipLibCheck: boolean;
}

function compiler(age: string, range: string, skipLibCheck: boolean): Compiler {
  const [folder, name] = [`typescript-${age}`, `TypeScript ${range}`];
  return { name, alias: `${folder}@npm:typescript@~${range}`, path: `node_modules/${folder}/bin/tsc`, skipLibCheck };
}

/** The oldest TypeScript that is supported and the newest that there is. */
export const compilers: readonly Compiler[] = [compiler("oldest", "5.4", false), compiler("newest", "7.0", true)];

const resolutions = {
  nodenext: { module: "nodenext", extensions: ["mts", "cts"] },
  node16: { module: "node16", extensions: ["mts", "cts"] },
  bundler: { module: "esnext", extensions: ["mts"] },
} as const;

/** Compiles a program and every door by each compiler and way of resolution, and runs what comes out on each Node. */
export async function compileAndRun(
  project: Project,
  doors: readonly string[],
  program: string,
  nodes: Readonly<Record<string, string>>,
  quick: boolean,
): Promise<void> {
  const sources = join(project.folder, "typescript");
  mkdirSync(sources);
  for (const extension of ["mts", "cts"]) {
    copyFileSync(program, join(sources, `consumer.${extension}`));
    const everything = doors.map((door, i) => `export * as door${i} from "${door}";\n`).join("");
    project.write(`typescript/everything.${extension}`, everything);
  }
  for (const { name, path, skipLibCheck } of compilers) {
    for (const [moduleResolution, { module, extensions }] of Object.entries(resolutions)) {
      if (quick && !skipLibCheck && moduleResolution !== "nodenext") continue;
      const how = `${name}, ${moduleResolution}`;
      const out = `typescript/${how.replace(/\W+/g, "-")}`;
      const compiled = await attempt("a program and every door's types", how, async () => {
        project.write(`${out}.json`, {
          compilerOptions: {
            ...{ module, moduleResolution, skipLibCheck, outDir: `../${out}`, target: "es2022", strict: true },
            types: ["long"], // TensorFlow.js names the global Long without saying where it is from
          },
          files: extensions.flatMap((extension) => [`consumer.${extension}`, `everything.${extension}`]),
        });
        await project.run("node", path, "-p", `${out}.json`);
        return true;
      });
      if (compiled !== true || moduleResolution !== "nodenext") continue;
      for (const [version, node] of Object.entries(nodes)) {
        for (const extension of ["mjs", "cjs"]) {
          await attempt("that program", `${how}, ${version}, ${extension}`, () =>
            project.run(node, `${out}/consumer.${extension}`),
          );
        }
      }
    }
  }
}
