import { defineConfig, type Options } from "tsup";

/** The one build: ESM, CJS and types from `src/index.ts`. */
export function library(options: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: ["src/index.ts"],
    format: ["esm", "cjs"],
    target: "es2022",
    dts: true,
    sourcemap: true,
    clean: true,
    treeshake: true,
    removeNodeProtocol: false,
    tsconfig: "tsconfig.build.json",
    ...options,
  });
}
