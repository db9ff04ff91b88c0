import type { Reporter, TestModule, Vitest } from "vitest/node";

/** Says at the end of a run which tests did not run and why; a test skipped without a reason fails the run. */
export default class SkipReport implements Reporter {
  #filtered = false;

  onInit(vitest: Vitest): void {
    this.#filtered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#filtered) return;
    const skipped = modules.flatMap((module) => [...module.children.allTests("skipped")]);
    if (skipped.length === 0) return;
    console.log(`\n${skipped.length} skipped:`);
    for (const test of skipped) {
      const result = test.result();
      const reason = result.state === "skipped" ? result.note : undefined;
      if (reason === undefined) process.exitCode = 1;
      console.log(
        `  ${test.project.name} > ${test.fullName}: ${reason ?? "NO REASON GIVEN: use context.skip(reason)"}`,
      );
    }
  }
}
