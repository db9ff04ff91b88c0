// Finds Python's torch by its files: starting a Python takes from a tenth of a second to seconds.
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, readSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, delimiter, dirname, isAbsolute, join } from "node:path";

/** The folder of the package torch that the Python of this name or path imports, as far as its files tell. */
export function torchOf(python) {
  const file = executable(python);
  const version = file && versionOf(file);
  if (!file || !version) return undefined;
  return searchPath(dirname(dirname(file)), version)
    .map((folder) => join(folder, "torch"))
    .find((folder) => existsSync(join(folder, "version.py")));
}

/** The same of a Python whose files do not tell: a script that chooses one, as pyenv's. It takes up to seconds. */
export function askForTorch(python) {
  const file = executable(python);
  if (!file || versionOf(file)) return undefined;
  // Found, not imported: an import of torch takes seconds more.
  const program = "from importlib.util import find_spec; print(find_spec('torch').origin)";
  const { status, stdout } = spawnSync(file, ["-c", program], { encoding: "utf8" });
  return status === 0 ? dirname(stdout.trim()) : undefined;
}

/** `3.11` of an interpreter; nothing of a script. */
function versionOf(file) {
  return startsWith(file, "#!") ? undefined : /\d+\.\d+$/.exec(basename(realpathSync(file)))?.[0];
}

function startsWith(file, text) {
  const start = Buffer.alloc(text.length);
  const descriptor = openSync(file, "r");
  readSync(descriptor, start);
  closeSync(descriptor);
  return start.toString() === text;
}

function executable(command) {
  const folders = isAbsolute(command) ? [""] : (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, command)).find((file) => existsSync(file));
}

/** Where a Python looks for packages, in its order (docs.python.org/3/library/site.html; Debian's dist-packages last). */
function searchPath(prefix, version) {
  const name = `python${version}`;
  const environment = join(prefix, "pyvenv.cfg");
  const settings = existsSync(environment) ? readFileSync(environment, "utf8") : undefined;
  const own = ["lib", "lib64"].map((lib) => join(prefix, lib, name, "site-packages"));
  if (settings !== undefined) {
    const [, home] = /^home\s*=\s*(.+)$/m.exec(settings) ?? [];
    const sharing = /^include-system-site-packages\s*=\s*true$/im.test(settings);
    return [...given(), ...own, ...(sharing && home !== undefined ? searchPath(dirname(home.trim()), version) : [])];
  }
  return [
    ...given(),
    join(homedir(), ".local/lib", name, "site-packages"),
    ...own,
    join(prefix, "local/lib", name, "dist-packages"),
    join(prefix, "lib/python3/dist-packages"),
  ];
}

const given = () => (process.env.PYTHONPATH ?? "").split(delimiter).filter((folder) => folder !== "");
