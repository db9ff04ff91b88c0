/**
 * Runs every static check, with `--native` builds the native engine and runs TensorFlow.js's specs on it, with `--tests`
 * runs the tests too; to the end whatever fails, and closes with one line:
 * `N passed, N failed`, where each check counts once and each test once.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const checks = [
  ...["format:check", "lint", "typecheck", "depcruise", "knip"],
  ...["build", "check:package", "browser", "size", "smoke", "readme", "dependencies"],
];

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];

for (const check of checks) count(check, npmRun(check));
if (process.argv.includes("--native")) {
  count("build:native", npmRun("build:native"));
  count("spec", npmRun("spec"));
}
if (process.argv.includes("--tests")) countTests();

if (failures.length > 0) console.log(`\nFailed: ${failures.join(", ")}`);
const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : "";
console.log(`\n${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exitCode = tally.failed > 0 ? 1 : 0;

function npmRun(script: string, ...args: readonly string[]): boolean {
  console.log(`\n── npm run ${[script, ...args].join(" ")}`);
  const { status } = spawnSync("npm", ["run", "--silent", script, "--", ...args], {
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  return status === 0;
}

function count(name: string, succeeded: boolean): void {
  if (succeeded) tally.passed++;
  else {
    tally.failed++;
    failures.push(name);
  }
}

function countTests(): void {
  const directory = mkdtempSync(join(tmpdir(), "awp-check-"));
  const file = join(directory, "report.json");
  try {
    const reporters = ["default", "./tooling/skip-report.ts", "json"].map((name) => `--reporter=${name}`);
    const succeeded = npmRun("test", ...reporters, `--outputFile.json=${file}`);
    const failedBefore = tally.failed;
    const report = JSON.parse(readFileSync(file, "utf8")) as TestReport;
    tally.passed += report.numPassedTests;
    tally.failed += report.numFailedTests;
    tally.skipped += report.numPendingTests + report.numTodoTests;
    if (report.numFailedTests > 0) failures.push("tests");
    // A file that does not load, an unhandled error or a test skipped without a reason fails the run but no test.
    if (!succeeded && tally.failed === failedBefore) count("test run", false);
  } catch {
    count("test run (no report)", false);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What is read of the report that vitest's JSON reporter writes. */
interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}
