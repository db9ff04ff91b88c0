import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writePlatformPackages } from "../prebuilt/packages";

let folder: string;
let backend: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "awp-packages-"));
  backend = write("backend/package.json", JSON.stringify({ name: "@awp/x", version: "1.2.3", license: "MIT" }));
  write("backend/LICENSE", "MIT License");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("each platform with binaries becomes a package for it alone, which the backend names in its own version", () => {
  write("binaries/linux-x64/debian-1.13-cpu.node", "x64");
  write("binaries/linux-x64/notes.txt", "no addon");
  write("binaries/darwin-arm64/pytorch-2.13-cpu.node", "arm64");
  const packages = writePlatformPackages(backend, join(folder, "binaries"), join(folder, "out"));
  expect(packages).toEqual([join(folder, "out/linux-x64"), join(folder, "out/darwin-arm64")]);
  expect(manifest("out/linux-x64")).toMatchObject({
    ...{ name: "@awp/x-linux-x64", version: "1.2.3", license: "MIT" },
    ...{ os: ["linux"], cpu: ["x64"], libc: ["glibc"] },
  });
  expect(readdirSync(join(folder, "out/linux-x64")).sort()).toEqual([
    "LICENSE",
    "README.md",
    "debian-1.13-cpu.node",
    "package.json",
  ]);
  expect(manifest("out/darwin-arm64")).not.toHaveProperty("libc");
  expect(manifest("backend")).toEqual({
    ...{ name: "@awp/x", version: "1.2.3", license: "MIT" },
    optionalDependencies: { "@awp/x-linux-x64": "1.2.3", "@awp/x-darwin-arm64": "1.2.3" },
  });
});

test("no binaries are an error that says where they were looked for", () => {
  expect(() => writePlatformPackages(backend, join(folder, "nothing"), folder)).toThrow(
    /nothing: want folders linux-x64, linux-arm64, darwin-arm64 with \.node files, got none/,
  );
});

const manifest = (path: string) => JSON.parse(readFileSync(join(folder, path, "package.json"), "utf8")) as unknown;

/** The folder of the file that it writes. */
function write(path: string, text: string): string {
  const file = join(folder, path);
  const parent = join(file, "..");
  mkdirSync(parent, { recursive: true });
  writeFileSync(file, text);
  return parent;
}
