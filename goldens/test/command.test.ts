import { spawnSync } from "node:child_process";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "@awp/testing";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { scale, type TemporaryGoldens, temporaryGoldens } from "./temporary-goldens";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const { paths, remove } = await bundle([main]);
afterAll(remove);
const losses = "losses_on_logits.json";

let goldens: TemporaryGoldens;

beforeEach(() => {
  goldens = temporaryGoldens();
});

afterEach(() => goldens.remove());

/** The command as `npm run goldens -- …` starts it, from a directory of the user's. */
function command(...options: string[]) {
  const { INIT_CWD: _, ...env } = process.env;
  const from = { cwd: dirname(main), env: { ...env, INIT_CWD: dirname(goldens.directory) }, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...paths, ...options], from);
  return { status, stdout, stderr };
}

it("the goldens command prints a line per file and exits with 0 when all figures are within tolerance", () => {
  goldens.write(losses, (golden) => void (golden["focal"] = { value: 1 }));
  goldens.write("filter_normalisation.json", (golden) => void (golden["kind"] = "holograms"));
  goldens.write("robust-wrn-10-1/landscape.json", (golden) => void (golden["mode"] = "train"));
  goldens.writeText("robust-wrn-10-1/reference.json", "{}");
  const { status, stdout } = command("--dir", basename(goldens.directory), "--backend", "cpu");
  expect(stdout).toMatch(/ok +losses_on_logits\.json .*24 figures, worst .*tolerance 1\.0e-5; not yet: focal/);
  expect(stdout).toMatch(/not yet +filter_normalisation\.json/);
  expect(stdout).toMatch(/not yet +robust-wrn-10-1\/landscape\.json +not yet: mode train/);
  expect(stdout).toMatch(/^3 files/m);
  expect(status).toBe(0);
});

it("the goldens command exits with 1 when a figure is beyond its tolerance", () => {
  goldens.write(losses, (golden) => scale(golden, ["cross_entropy_mean", "value"], 1.001));
  const { status, stdout } = command("--dir", basename(goldens.directory));
  expect(stdout).toMatch(/FAIL +losses_on_logits\.json .*worst cross_entropy_mean value: 1\.0e-3, tolerance 1\.0e-5/);
  expect(status).toBe(1);
});

it.each([
  ["an empty directory", () => ["--dir", basename(goldens.directory)], "want golden files"],
  ["no directory", () => ["--dir", "nowhere"], "ENOENT"],
  ["an unknown backend", () => ["--backend", "abacus"], "abacus"],
  ["an unknown option", () => ["--color", "red"], "--color"],
])("the goldens command exits with 1 and says why for %s", (_, options, reason) => {
  const { status, stderr } = command(...options());
  expect(stderr).toContain(reason);
  expect(status).toBe(1);
});
