import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Bundles tfjs-core's own specs, which its package ships as ES modules that Node does not load, and returns the
 * file's path.
 */
export async function bundleSpecs(): Promise<string> {
  const file = here("../node_modules/.cache/tfjs-core-specs.cjs");
  await build({
    entryPoints: [here("entry.js")],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "cjs",
    mainFields: ["module", "main"],
    // The package calls the files of its specs free of side effects: all but 74 specs would be dropped.
    ignoreAnnotations: true,
    alias: { "jasmine-core/lib/jasmine-core/jasmine.js": here("jasmine-stub.js") },
    logLevel: "error",
  });
  return file;
}
