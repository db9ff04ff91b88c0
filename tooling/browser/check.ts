/**
 * Proves that every package's root bundles for a browser and works there: bundles them all, built, with esbuild for the
 * platform `browser`, and runs the bundle where there is no `process`, no `require` and no module of Node. What a root
 * weighs there is held by `npm run size`.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { publishablePackages } from "../publishable";

const root = join(import.meta.dirname, "../..");
/** The engine is an addon and the command a program: for Node alone. */
const nodeOnly = ["@awp/backend-torch", "@awp/cli"];
const names = publishablePackages(root).flatMap(({ name }) => (nodeOnly.includes(name) ? [] : [name]));

const everyRoot = names.map((name, i) => `import * as root${i} from "${name}"; export { root${i} };`);
const program = readFileSync(join(import.meta.dirname, "page.ts"), "utf8");
const { outputFiles } = await build({
  stdin: { contents: [...everyRoot, program].join("\n"), resolveDir: root, loader: "ts" },
  bundle: true,
  platform: "browser",
  format: "iife",
  globalName: "bundle",
  write: false,
  logLevel: "error",
});

// What a page has and a bare context lacks; by the first two TensorFlow.js knows a page.
const page: Record<string, unknown> = { document: {}, console, performance, setTimeout, TextDecoder, TextEncoder };
page["window"] = page;
try {
  await (runInContext(`${outputFiles[0]?.text}; bundle.finished`, createContext(page)) as Promise<void>);
} catch (error) {
  console.error(`the bundle does not run in a page: ${String(error)}`); // its stack would be a page of source
  process.exit(1);
}
console.log(`${names.length} roots bundle for a browser and run without Node`);
