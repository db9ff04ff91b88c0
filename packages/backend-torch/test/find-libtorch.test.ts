import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findLibtorch } from "../build/libtorch.mjs";
import { askForTorch, torchOf } from "../build/python.mjs";

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "awp-libtorch-")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a $LIBTORCH is known by its build-version, CUDA by its library", () => {
  write("libtorch/lib/libc10.so");
  write("libtorch/build-version", "2.9.1+cpu\n");
  const environment = { LIBTORCH: join(folder, "libtorch") };
  const cpu = { source: "$LIBTORCH", version: "2.9.1", kind: "pytorch", cuda: false };
  expect(found(environment)).toMatchObject({ ...cpu, libraries: join(folder, "libtorch/lib") });

  write("libtorch/lib/libtorch_cuda.so");
  write("libtorch/build-version", "2.9.1+cu128\n");
  expect(found(environment)).toMatchObject({ version: "2.9.1", cuda: true, cudaMajor: "12" });
});

test("a $LIBTORCH that is none is an error, whatever else is there", () => {
  expect(found({ LIBTORCH: folder })).toBe(`$LIBTORCH is ${folder}, which holds no lib/libc10.so`);
});

test("pip's torch is found in the Python's prefix without starting it", () => {
  const python = interpreter("usr/bin/python3");
  wheel("usr/lib/python3.99/site-packages/torch", "2.13.0+cu130");
  expect(found({ PATH: dirname(python) })).toMatchObject({
    source: "the torch of python3",
    version: "2.13.0",
    kind: "pytorch",
    cudaMajor: "13",
    libraries: join(folder, "usr/lib/python3.99/site-packages/torch/lib"),
  });
  // Of another Python than the one that is asked.
  rmSync(join(folder, "usr/lib"), { recursive: true });
  wheel("usr/lib/python3.98/site-packages/torch", "2.13.0");
  expect(found({ PYTHON: python })).not.toMatchObject({ version: "2.13.0" });
});

test.each([true, false])("an environment of Python that shares the system's packages: %s", (shares) => {
  const home = dirname(interpreter("usr/bin/python3"));
  wheel("usr/lib/python3.99/site-packages/torch", "2.8.0");
  mkdirSync(join(folder, "env/bin"), { recursive: true });
  symlinkSync(join(home, "python3"), join(folder, "env/bin/python3"));
  write("env/pyvenv.cfg", `home = ${home}\ninclude-system-site-packages = ${String(shares)}\n`);
  const environment = { PYTHON: join(folder, "env/bin/python3"), PATH: "" };
  if (shares) expect(found(environment)).toMatchObject({ version: "2.8.0" });
  else expect(found(environment)).not.toMatchObject({ version: "2.8.0" });

  wheel("env/lib/python3.99/site-packages/torch", "2.9.0");
  expect(found(environment)).toMatchObject({ version: "2.9.0" });
});

test("the links in Debian's torch lead to the system's libraries, which have the version in their names", () => {
  const python = interpreter("usr/bin/python3");
  wheel("usr/lib/python3/dist-packages/torch", "1.99.0a0");
  rmSync(join(folder, "usr/lib/python3/dist-packages/torch/lib/libc10.so"));
  write("usr/lib/x86_64-linux-gnu/libc10.so.1.99.0");
  write("usr/lib/x86_64-linux-gnu/libtorch_cuda.so.1.99");
  symlinkSync(
    "../../../../x86_64-linux-gnu/libc10.so.1.99.0",
    join(folder, "usr/lib/python3/dist-packages/torch/lib/libc10.so"),
  );
  expect(found({ PYTHON: python })).toMatchObject({
    version: "1.99",
    kind: "debian",
    cuda: true,
    libraries: join(folder, "usr/lib/x86_64-linux-gnu"),
  });
});

test("a Python that is a script, as pyenv's, is asked, and one whose files tell is not", () => {
  const torch = dirname(wheel("elsewhere/torch", "2.7.1"));
  const shim = write("shims/python3", `#!/bin/sh\necho ${torch}/__init__.py\n`);
  chmodSync(shim, 0o755);
  expect(torchOf(shim)).toBeUndefined();
  expect(askForTorch(shim)).toBe(torch);
  expect(askForTorch(interpreter("usr/bin/python3"))).toBeUndefined();
});

/** What `findLibtorch` returns in an environment, or the message of its error. */
function found(environment: Readonly<Record<string, string>>): unknown {
  const variables = { LIBTORCH: "", PYTHON: "", PYTHONPATH: "", PATH: "", HOME: folder, ...environment };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  try {
    return findLibtorch();
  } catch (error) {
    return (error as Error).message;
  } finally {
    vi.unstubAllEnvs();
  }
}

/** A Python 3.99, as far as files tell; its path. */
function interpreter(path: string): string {
  write(join(dirname(path), "python3.99"), "\x7fELF");
  symlinkSync("python3.99", join(folder, path));
  return join(folder, path);
}

/** The files of pip's package torch that tell its version; one of them. */
function wheel(path: string, version: string): string {
  write(join(path, "lib/libc10.so"));
  return write(join(path, "version.py"), `debug = False\n__version__ = '${version}'\n`);
}

function write(path: string, text = ""): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
