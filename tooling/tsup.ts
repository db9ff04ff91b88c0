import { defineConfig, type Options } from "tsup";

/** The one build: ESM, CJS and types from `src/index.ts`, or from each door. */
export function library(options: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: ["src/index.ts"],
    format: ["esm", "cjs"],
    target: "es2022",
    dts: true,
    sourcemap: true,
    clean: true,
    treeshake: true,
    splitting: true, // one copy of what two doors share, in CommonJS too: an error is an instance of its class
    removeNodeProtocol: false,
    tsconfig: "tsconfig.build.json",
    ...options,
  });
}
