import type { Project } from "../project";
import { attempt } from "../results";

/** Loads every door, in one process as ES modules and in one as CommonJS, each with a Node. */
export async function loadDoors(
  project: Project,
  program: string,
  doors: readonly string[],
  nodes: Readonly<Record<string, string>>,
): Promise<void> {
  if (doors.length === 0) return;
  for (const [name, node] of Object.entries(nodes)) {
    const imports = doors.map((door) => `await import("${door}");`).join("\n");
    const requires = doors.map((door) => `require("${door}");`).join("\n");
    await attempt(program, `ESM, ${name}`, () => project.run(node, "--input-type=module", "--eval", imports));
    await attempt(program, `CJS, ${name}`, () => project.run(node, "--input-type=commonjs", "--eval", requires));
  }
}
