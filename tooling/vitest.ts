import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const conditions = ["@awp/source", "module", "node", "development|production"];

/** The one test project: packages resolve to their sources, every test runs in an engine scope. */
export function project(name: string): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include: ["test/**/*.test.ts"],
      setupFiles: [fileURLToPath(new URL("vitest.setup.ts", import.meta.url))],
      testTimeout: 60_000,
    },
  });
}
