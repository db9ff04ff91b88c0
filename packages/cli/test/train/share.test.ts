import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { share } from "../../src/options/parsers";
import { readStatus } from "../../src/runs/status-file";
import { startAwp } from "../child";
import { remove, temporaryFolder, writeSettings } from "./folder";

let folder = "";
beforeAll(() => (folder = temporaryFolder()));
afterAll(() => remove(folder));

test("shares of a run, at once in one folder, are all of it, and the run without a share has its results", async () => {
  const settings = writeSettings(folder, {
    data: { size: 8, train: 16, validation: 4, test: 8 },
    methods: ["standard"],
    seeds: [4, 7],
    evaluation: { steps: 1 },
    batchSize: 8,
    epochs: 1,
    backend: "cpu",
  });
  const of = (...more: string[]) =>
    startAwp(["compare", "--config", settings, "--output", "out", ...more], { cwd: folder }).ended;
  const [first, second] = await Promise.all([of("--share", "0/2", "--json"), of("--share", "1/2", "--json")]);
  const seedsOf = ({ code, stdout, stderr }: typeof first): readonly number[] => {
    expect(code, stderr).toBe(0);
    return (JSON.parse(stdout) as { results: { seed: number }[] }).results.map(({ seed }) => seed);
  };
  expect([seedsOf(first), seedsOf(second)]).toEqual([[4], [7]]);
  const out = join(folder, "out");
  const trainings = { "standard/seed-4": {}, "standard/seed-7": {} };
  expect(await readStatus(out)).toMatchObject({ state: "done", trainings });
  expect(existsSync(join(out, "results.json"))).toBe(false);

  const other = await of("--share", "0/2", "--epochs", "2");
  expect([other.code, other.stderr]).toEqual([
    2,
    expect.stringContaining("is of another training: epochs was 1, is 2"),
  ]);

  const metrics = join(out, "standard/seed-7/metrics.jsonl");
  const before = readFileSync(metrics, "utf8");
  const whole = await startAwp(["compare", "--resume", "--output", "out"], { cwd: folder }).ended;
  expect(whole.code, whole.stderr).toBe(0);
  expect(whole.stdout).toMatch(/^standard +2 /m);
  expect(whole.stderr).not.toMatch(/epoch|evaluating/);
  expect(readFileSync(metrics, "utf8")).toBe(before);
  expect(readdirSync(out)).toContain("results.json");
  expect(await readStatus(out)).toMatchObject({ state: "done", trainings });
}, 120_000);

test.each([
  ["0/8", { index: 0, of: 8 }],
  ["7/8", { index: 7, of: 8 }],
])("the share %s is of %j", (text, meant) => {
  expect(share(text)).toEqual(meant);
});

test.each([
  ["8/8", "Wanted: 0/8 to 7/8, as #SBATCH --array=0-7 counts them."],
  ["0/0", "Wanted: a share such as 0/8."],
  ["3", "Wanted: a share such as 0/8."],
  ["-1/2", "Wanted: a share such as 0/8."],
])("the share %s is refused", (text, message) => {
  expect(() => share(text)).toThrow(message);
});
