/**
 * Runs every static check, with `--native` builds the native engine and runs TensorFlow.js's specs on it, with `--tests`
 * runs the tests too; to the end whatever fails, and closes with one line:
 * `N passed, N failed`, where each check counts once and each test once.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";

/** What needs no more than the build: as many at once as there are cores, the longest first. */
const checks = [
  ...["release:rehearse --quick", "site", "lint", "typecheck", "check:package", "readme"],
  ...["size", "knip", "depcruise", "dependencies", "browser", "format:check"],
];

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];

count("build", await npmRun("build"));
const waiting = checks.values();
const runner = async (): Promise<void> => {
  for (const check of waiting) count(check, await npmRun(...(check.split(" ") as [string])));
};
await Promise.all(Array.from({ length: availableParallelism() }, runner));
if (process.argv.includes("--native")) {
  count("build:native", await npmRun("build:native"));
  count("spec", await npmRun("spec"));
}
if (process.argv.includes("--tests")) await countTests();

if (failures.length > 0) console.log(`\nFailed: ${failures.join(", ")}`);
const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : "";
console.log(`\n${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exitCode = tally.failed > 0 ? 1 : 0;

/** Runs a script and, when it has ended, prints what it wrote, whole; the tests print as they go. */
async function npmRun(script: string, ...args: readonly string[]): Promise<boolean> {
  const title = `\n── npm run ${[script, ...args].join(" ")}`;
  const atOnce = script === "test";
  if (atOnce) console.log(title);
  const began = performance.now();
  const child = spawn("npm", ["run", "--silent", script, "--", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  const output: Buffer[] = [];
  const take = (part: Buffer): unknown => (atOnce ? process.stdout.write(part) : output.push(part));
  for (const stream of [child.stdout, child.stderr]) stream.on("data", take);
  const [status] = (await once(child, "close")) as [number | null];
  if (!atOnce) console.log(title);
  process.stdout.write(Buffer.concat(output));
  console.log(`${script}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return status === 0;
}

function count(name: string, succeeded: boolean): void {
  if (succeeded) tally.passed++;
  else {
    tally.failed++;
    failures.push(name);
  }
}

async function countTests(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "awp-check-"));
  const file = join(directory, "report.json");
  try {
    const reporters = ["default", "./tooling/skip-report.ts", "json"].map((name) => `--reporter=${name}`);
    const succeeded = await npmRun("test", ...reporters, `--outputFile.json=${file}`);
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
