/**
 * Holds docs/dependencies.md to the manifests and the lock file: every dependency and peer of a published package has a
 * row with its range, its users and its licence; so has every licence among all that is installed with them, and every
 * package that runs a script when it is installed.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { publishablePackages } from "../publishable";
import { installedWith, type LockEntry, nameOf, readLock } from "./lock";

const root = join(import.meta.dirname, "../..");
const document = readFileSync(join(root, "docs/dependencies.md"), "utf8");
const lock = readLock(root);
const published = publishablePackages(root);
const folders = published.map(({ directory }) => `packages/${directory}`);
const installed = installedWith(lock, folders);
const problems: string[] = [];

const direct = new Map<string, string>();
for (const { directory, path } of published) {
  const manifest = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as LockEntry;
  const { dependencies, optionalDependencies, peerDependencies } = manifest;
  for (const [name, range] of Object.entries({ ...peerDependencies, ...optionalDependencies, ...dependencies })) {
    if (name.startsWith("@awp/")) continue;
    const key = `${name} ${range}`;
    direct.set(key, [...(direct.get(key)?.split(", ") ?? []), directory].join(", "));
  }
}
const users = rows("Dependencies").map(([name, range, by]): [string, string] => [`${name} ${range}`, by ?? ""]);
compare("Dependencies", new Map(users), direct);
for (const [name = "", , , licence = ""] of rows("Dependencies")) {
  const path = [...lock.keys()].find((each) => each.endsWith(`node_modules/${name}`));
  if (path === undefined) continue; // an optional peer that is not installed here
  const known = lock.get(path)?.license ?? "none";
  if (known !== licence) problems.push(`Dependencies: ${name} has the licence ${licence}, in the lock file ${known}`);
}

const licences = installed.map((path) => lock.get(path)?.license ?? `none (${nameOf(path)})`);
compare("Licences", names(rows("Licences").map(([licence = ""]) => licence)), names(licences));

const scripts = [...lock].filter(([, entry]) => entry.hasInstallScript === true).map(([path]) => nameOf(path));
compare("Install scripts", names(rows("Install scripts").map(([name = ""]) => name)), names(scripts));

for (const problem of problems) console.error(problem);
console.log(`${direct.size} direct dependencies, ${installed.length} packages with them, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** The cells of a section's tables, headings aside, without the marks of code and links. */
function rows(section: string): readonly (readonly string[])[] {
  const text = document.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? "";
  const table = text.split("\n").filter((line) => line.startsWith("| `"));
  return table.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.replaceAll("`", "").trim()),
  );
}

function names(all: readonly string[]): ReadonlyMap<string, string> {
  return new Map(all.map((name) => [name, ""]));
}

function compare(section: string, told: ReadonlyMap<string, string>, is: ReadonlyMap<string, string>): void {
  for (const [key, value] of is) {
    if (!told.has(key)) problems.push(`${section}: no row for ${key} (${value})`);
    else if (told.get(key) !== value) problems.push(`${section}: ${key} is of ${value}, not of ${told.get(key)}`);
  }
  for (const key of told.keys()) if (!is.has(key)) problems.push(`${section}: ${key} is no more`);
}
