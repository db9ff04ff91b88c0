import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Bundles of modules, until they are removed. */
export interface Bundler {
  /** The path of a file with the module and all that it imports of this workspace. */
  of(module: URL): Promise<string>;
  remove(): void;
}

/**
 * Makes one file of a module and what it imports of this workspace, for threads that tests start: they load
 * it in a fraction of the time that its sources take.
 */
export function bundler(): Bundler {
  const cache = fileURLToPath(new URL("../../../node_modules/.cache/", import.meta.url));
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "bundles-"));
  const made = new Map<string, Promise<string>>();
  const make = async (module: URL): Promise<string> => {
    const outfile = join(folder, `${made.size}.mjs`);
    await build({
      entryPoints: [fileURLToPath(module)],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      conditions: ["@awp/source"],
      external: ["@tensorflow/*", "@awp/backend-torch"],
      logLevel: "error",
    });
    return outfile;
  };
  return {
    of(module) {
      const known = made.get(module.href) ?? make(module);
      made.set(module.href, known);
      return known;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
