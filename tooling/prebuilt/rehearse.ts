/**
 * An install without a compiler, as users have it: packs @awp/backend-torch and the platform packages, installs the
 * tarballs in an empty project and runs a program there, or in a bare system that holds a libtorch and no compiler.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { writePlatformPackages } from "./packages";

const usage = `npm run prebuilt:rehearse -- [--binaries DIR] [--root DIR]

Installs the addons of DIR (default: prebuilt/binaries) from packed tarballs and runs a program on them. With --root it
runs in that root file system (debootstrap's, as root), with this Node and without its network.
`;
const workspace = resolve(import.meta.dirname, "../..");
const backend = join(workspace, "packages/backend-torch");

const { values } = parseArgs({
  options: {
    binaries: { type: "string", default: "prebuilt/binaries" },
    root: { type: "string" },
    help: { type: "boolean" },
  },
});
if (values.help === true) process.stdout.write(usage);
else rehearse(resolve(workspace, values.binaries), values.root);

function rehearse(binaries: string, system: string | undefined): void {
  const folder = mkdtempSync(join(tmpdir(), "awp-prebuilt-"));
  try {
    const project = join(folder, "project");
    install(project, packAll(binaries, folder));
    if (system === undefined) run(project, process.execPath, ["program.mjs"], { PATH: join(folder, "nothing") });
    else runIn(resolve(system), project);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `npm pack --json` says of a package. */
interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
}

/** The tarballs of the backend, with its optional dependencies as in a release, and of the platforms. */
function packAll(binaries: string, folder: string): string[] {
  const staged = join(folder, "backend");
  mkdirSync(staged);
  execFileSync("tar", ["--extract", "--file", pack(backend, folder), "--directory", staged]);
  const staging = join(staged, "package");
  const platforms = writePlatformPackages(staging, binaries, join(folder, "platforms"));
  return [staging, ...platforms].map((each) => pack(each, folder));
}

function pack(path: string, folder: string): string {
  const pack = ["pack", path, "--json", "--silent", "--ignore-scripts", "--pack-destination", folder];
  const report = execFileSync("npm", pack, { cwd: folder, encoding: "utf8" });
  const [{ filename, size, unpackedSize }] = JSON.parse(report) as [Packed];
  process.stdout.write(`${filename}: ${kilobytes(size)} packed, ${kilobytes(unpackedSize)} unpacked\n`);
  return join(folder, filename);
}

function install(project: string, tarballs: readonly string[]): void {
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  const tensorflow = ["@tensorflow/tfjs-core@4.22.0", "@tensorflow/tfjs-layers@4.22.0"];
  execFileSync("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...tensorflow, ...tarballs], {
    cwd: project,
    stdio: ["ignore", "inherit", "inherit"],
  });
  copyFileSync(join(import.meta.dirname, "program.mjs"), join(project, "program.mjs"));
}

/** Runs the program in another root file system, and shows that it has no compiler. */
function runIn(system: string, project: string): void {
  const inside = "/tmp/awp-prebuilt";
  const place = join(system, inside);
  const node = join(system, "usr/local/bin/node");
  cpSync(project, place, { recursive: true });
  if (!existsSync(node)) {
    mkdirSync(dirname(node), { recursive: true });
    copyFileSync(process.execPath, node);
  }
  try {
    const commands = [
      "command -v g++ gcc c++ cc clang || echo no compiler",
      `cd ${inside}`,
      "node node_modules/@awp/backend-torch/build/build.mjs build --dry-run --if-possible",
      "node program.mjs",
    ];
    // libtorch reads /proc/cpuinfo. Mounted in a namespace of its own, it is gone when the program is.
    const enter = 'mount --bind /proc "$0/proc"; exec chroot "$0" sh -ec "$1"';
    run("/", "unshare", ["--mount", "sh", "-ec", enter, system, commands.join("\n")]);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function run(cwd: string, command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): void {
  execFileSync(command, args, { cwd, stdio: "inherit", env: { ...process.env, ...environment } });
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} kB`;
}
