/**
 * Makes a self-contained bundle for a Linux x64 box without network: Node, the workspace's sources, the packages that
 * they need and PyTorch's side of the bench, in one archive with the script that unpacks and runs it.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { copyNode } from "./node-binary";
import { copyPackages, copySources } from "./stage";

const usage = `npm run gpu:bundle -- [--out DIR]

Makes DIR (default: gpu-bundle) with run.sh and the archive that it unpacks. On the box: DIR/run.sh --help
`;
const root = resolve(import.meta.dirname, "../..");

function main(): void {
  const { values } = parseArgs({
    options: { out: { type: "string", default: "gpu-bundle" }, help: { type: "boolean" } },
  });
  if (values.help === true) return void process.stdout.write(usage);
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `the bundle takes esbuild from this machine: got ${process.platform} ${process.arch}, wanted linux x64`,
    );
  }
  make(resolve(process.env["INIT_CWD"] ?? ".", values.out));
}

function make(out: string): void {
  const stage = mkdtempSync(join(tmpdir(), "awp-gpu-bundle-"));
  try {
    copyPackages(root, stage, copySources(root, stage));
    copyNode(join(stage, "bin"));
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    const archive = join(out, "awp.tar.xz");
    execFileSync("tar", ["--create", "--xz", "--file", archive, "--directory", stage, "."]);
    const commit = execFileSync("git", ["describe", "--always", "--dirty"], { cwd: root, encoding: "utf8" }).trim();
    writeFileSync(join(out, "manifest.json"), `${JSON.stringify({ commit, made: new Date().toISOString() })}\n`);
    copyFileSync(join(import.meta.dirname, "run.sh"), join(out, "run.sh"));
    execFileSync("du", ["--human-readable", "--max-depth=1", stage], { stdio: "inherit" });
    process.stdout.write(`${(statSync(archive).size / 2 ** 20).toFixed(1)} MiB  ${archive}\n`);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
