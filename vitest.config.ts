import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "goldens", "examples/*"],
    coverage: { provider: "v8", include: ["packages/*/src/**"], reporter: ["text-summary", "lcov"] },
    onConsoleLog: (log) => !log.includes("Hi, looks like you are running TensorFlow.js in Node.js"),
  },
});
