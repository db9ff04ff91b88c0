/**
 * Proves that every package's root bundles for a browser and works there: bundles them all, built, with esbuild for the
 * platform `browser`, and runs the bundle where there is no `process`, no `require` and no module of Node.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { publishablePackages } from "../publishable";

const root = join(import.meta.dirname, "../..");
/** The engine is an addon, for Node alone. */
const nodeOnly = "@awp/backend-torch";
const names = publishablePackages(root).flatMap(({ name }) => (name === nodeOnly ? [] : [name]));

for (const name of names) {
  const bundle = await bundled(`export * from "${name}";`, "esm", ["@tensorflow/*"]);
  const kilobytes = (gzipSync(bundle).length / 1000).toFixed(1);
  console.log(`${name}: ${kilobytes} kB minified and compressed, core's share included, TensorFlow.js aside`);
}

// The globals that a page has and a bare context lacks.
const page: Record<string, unknown> = { console, performance, setTimeout, clearTimeout, TextDecoder, TextEncoder, URL };
Object.assign(page, { window: page, document: {} }); // by which TensorFlow.js knows a page
const program = readFileSync(join(import.meta.dirname, "page.ts"), "utf8");
const everything = names.map((name) => `import * as _${name.replace(/\W/g, "_")} from "${name}";`).join("\n");
const bundle = await bundled(`${everything}\n${program}`, "iife", []);
try {
  await (runInContext(`${bundle}; page.finished`, createContext(page)) as Promise<void>);
} catch (error) {
  console.error(`the bundle does not run in a page: ${String(error)}`); // its stack would be a page of minified source
  process.exit(1);
}
console.log(`${names.length} roots bundle for a browser and run without Node`);

async function bundled(contents: string, format: "esm" | "iife", external: string[]): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    bundle: true,
    platform: "browser",
    format,
    globalName: "page",
    minify: true,
    external,
    write: false,
    logLevel: "error",
  });
  return (outputFiles[0] as { text: string }).text;
}
