import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const conditions = ["@awp/source", "module", "node", "development|production"];

export interface ProjectOptions {
  /**
   * Whether each file loads everything anew. Loading TensorFlow.js is a fifth of the tests' time, so packages that keep
   * no state, mock no module and choose no backend for good share it among the files of a worker.
   *
   * @default true
   */
  readonly isolate?: boolean;
}

/** The one test project: packages resolve to their sources, every test runs in an engine scope. */
export function project(name: string, { isolate = true }: ProjectOptions = {}): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      isolate,
      include: ["test/**/*.test.ts"],
      env: { OMP_NUM_THREADS: "1" }, // the workers share the cores
      setupFiles: [fileURLToPath(new URL("vitest.setup.ts", import.meta.url))],
      testTimeout: 60_000,
    },
  });
}
