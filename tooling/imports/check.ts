/**
 * Holds two promises of the built packages. Importing one function does not bring the others: bundlers shake them off.
 * `sideEffects: false` is true: importing a door changes nothing outside of it, neither TensorFlow.js's registries nor a
 * prototype or a global.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { publishablePackages } from "../publishable";
import { headlines } from "./headlines";

const root = join(import.meta.dirname, "../..");
const problems: string[] = [];

for (const { door, name, without } of headlines) {
  const [one, all] = await Promise.all([
    bundled(`export { ${name} } from "${door}"`),
    bundled(`export * from "${door}"`),
  ]);
  for (const other of without) {
    const declared = new RegExp(`function\\*? ${other}\\d*\\(`);
    if (declared.test(one)) problems.push(`{ ${name} } of ${door} brings ${other}`);
    if (!declared.test(all)) problems.push(`headlines.ts: ${door} has no ${other}`);
  }
}

const doors = publishablePackages(root).flatMap(({ path, doors }) => {
  const { sideEffects } = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as { sideEffects?: unknown };
  return sideEffects === false ? doors : [];
});
for (const door of doors) {
  const changed = await promisify(execFile)(process.execPath, [join(import.meta.dirname, "state.mjs"), door]);
  for (const name of changed.stdout.split("\n").filter(Boolean)) problems.push(`importing ${door} adds ${name}`);
}

for (const problem of problems) console.error(problem);
console.log(`${headlines.length} imports, ${doors.length} doors without side effects, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;

async function bundled(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: "esm",
    external: ["@tensorflow/*"],
  });
  return outputFiles[0]?.text ?? "";
}
