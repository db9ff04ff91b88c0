import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    maxWorkers: availableParallelism(), // vitest would leave one core idle: half of a machine of two
    projects: ["{packages,examples}/*/vitest.config.ts", "{bench,goldens,tooling}/vitest.config.ts"],
    reporters: ["default", "./tooling/skip-report.ts"],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**"],
      exclude: ["packages/backend-torch/**"], // runs only where the native addon is built
      reporter: ["text-summary", "lcov"],
      thresholds: { statements: 95, branches: 90, functions: 95, lines: 95 },
    },
    onConsoleLog: (log) => !log.includes("Hi, looks like you are running TensorFlow.js in Node.js"),
  },
});
