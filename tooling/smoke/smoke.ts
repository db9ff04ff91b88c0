/**
 * The packages as users get them: packs each, installs the tarballs in an empty folder outside the workspace, loads
 * every one as an ES module and as CommonJS, runs the commands, and compiles and runs a user's program with the oldest
 * and the newest TypeScript that we support.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publishablePackages } from "../publishable";
import { writeModelAndImages } from "./model-and-images";

const compilers = [
  // The oldest checks every declaration on the way; TensorFlow.js's own clash with the DOM's of the newest.
  { age: "oldest", range: "~5.4", skipLibCheck: false },
  { age: "newest", range: "~7.0", skipLibCheck: true },
];
const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "awp-smoke-"));

try {
  const packages = publishablePackages(root);
  const doors = packages.flatMap((each) => each.doors);
  const tarballs = packages.map(({ path }) => pack(path));
  const typescripts = compilers.map(({ age, range }) => `typescript-${age}@npm:typescript@${range}`);
  writeJson("package.json", { name: "consumer", private: true });
  run("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", ...tarballs, ...typescripts);

  for (const door of doors) {
    run("node", "--input-type=module", "--eval", `await import("${door}")`);
    run("node", "--input-type=commonjs", "--eval", `require("${door}")`);
  }

  run("npx", "--no-install", "awp-backend-torch", "--help");
  run("npx", "--no-install", "awp", "--help");
  run("npx", "--no-install", "awp", "backends");
  await writeModelAndImages(folder);
  run(
    "npx",
    "--no-install",
    "awp",
    "evaluate",
    "model.json",
    "--data",
    ".",
    "--backend",
    "wasm",
    "--epsilon",
    "0,8/255",
    "--attack",
    "fgsm,pgd-3",
  );

  const everything = doors.map((door, i) => `export * as door${i} from "${door}";\n`).join("");
  for (const extension of ["mts", "cts"]) {
    copyFileSync(join(import.meta.dirname, "consumer.ts"), join(folder, `consumer.${extension}`));
    writeFileSync(join(folder, `everything.${extension}`), everything);
  }
  writeJson("tsconfig.json", {
    // TensorFlow.js names the global Long without saying where it is from.
    compilerOptions: { module: "nodenext", target: "es2022", strict: true, types: ["long"] },
    files: ["consumer.mts", "consumer.cts", "everything.mts", "everything.cts"],
  });
  for (const { age, skipLibCheck } of compilers) {
    run("node", `node_modules/typescript-${age}/bin/tsc`, "--skipLibCheck", String(skipLibCheck));
    run("node", "consumer.mjs");
    run("node", "consumer.cjs");
  }
  console.log(`${packages.length} packages with ${doors.length} doors load, run and type-check as ESM and CommonJS`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function pack(path: string): string {
  const report = execFileSync("npm", ["pack", path, "--json", "--silent"], { cwd: folder, encoding: "utf8" });
  const [{ filename }] = JSON.parse(report) as [{ filename: string }];
  return join(folder, filename);
}

function writeJson(name: string, value: unknown): void {
  writeFileSync(join(folder, name), JSON.stringify(value, null, 2));
}

function run(command: string, ...args: readonly string[]): void {
  console.log(`$ ${command} ${args.join(" ")}`);
  execFileSync(command, args, { cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
}
