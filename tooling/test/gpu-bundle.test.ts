import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runAll } from "../gpu-bundle/box/run-all";
import { quickSections, type Section, sections } from "../gpu-bundle/box/sections";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "awp-box-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

interface Results {
  readonly total: number;
  readonly results: readonly { name: string; status: string; output: string; figures?: { rows: number[] } }[];
}

const read = (out: string) => JSON.parse(readFileSync(join(out, "results.json"), "utf8")) as Results;

describe("the sections", () => {
  const options = { scratch: "/scratch", figures: ["step", "forward"], repeats: "5", threads: "8" };
  const onGpu = { ...options, gpu: true, cases: ["preactresnet18:128", "wrn-34-10:128"] };
  const onCpu = { ...options, gpu: false, cases: ["preactresnet18:4"] };
  const lists = { whole: sections(onGpu), "whole, on the CPU": sections(onCpu), quick: quickSections(onGpu) };
  const names = (list: readonly Section[]) => list.map(({ name }) => name);
  const engine = ({ args }: Section) => args[args.indexOf("--engine") + 1];

  test.each(Object.entries(lists))("%s: each has a name and files of its own, the build comes first", (_, list) => {
    expect(names(list)[0]).toBe("build");
    expect(new Set(names(list)).size).toBe(list.length);
    const files = list.flatMap(({ json }) => json ?? []);
    expect(new Set(files).size).toBe(files.length);
    for (const file of files) expect(file).toMatch(/^\/scratch\/[^/ ]+\.json$/);
  });

  test("check eager, replayed and bfloat16 values, and the goldens, before anything is timed", () => {
    const all = names(lists.whole);
    const checks = [
      "specs",
      "goldens",
      ...["float32", "tf32", "bfloat16", "compiled"].map((one) => `deviation ${one}`),
    ];
    expect(all.slice(0, all.indexOf("bench preactresnet18:128 step"))).toEqual(expect.arrayContaining(checks));
    expect(names(lists["whole, on the CPU"])).not.toContain("deviation tf32");
  });

  test("time a large network's step without PyTorch's compiler first, and with it at the very end", () => {
    const steps = lists.whole.filter(({ name }) => name.startsWith("bench wrn-34-10:128 step"));
    expect(steps.map(engine)).toEqual(["graph", "compile"]);
    expect(lists.whole.at(-1)).toBe(steps[1]);
  });

  test("quick: replays against the same calls as they are, and one timed step", () => {
    expect(names(lists.quick)).toEqual([
      "build",
      "deviation compiled",
      "bench preactresnet18:128 step graph",
      "deviation compiled bfloat16",
      "bench preactresnet18:128 step compile",
    ]);
    const deviations = lists.quick.filter(({ name }) => name.startsWith("deviation"));
    for (const { args } of deviations) expect(args.join(" ")).toContain("--compiled --reference eager");
  });
});

test("a run goes on after a section that fails or is late, and leaves three files", async () => {
  const out = join(folder, "out");
  const scripts = {
    good: "console.log('of the good one')",
    bad: "throw new Error('of the bad one')",
    late: "setInterval(() => {}, 1000)",
  };
  const fakes = Object.entries(scripts).map(([name, script]) => ({ name, args: ["--eval", script] }));
  const about = { commit: "none", system: { gpu: "none" }, python: "python3" };
  const scratch = join(folder, "scratch");
  const results = await runAll(fakes, { out, scratch, ...about, sectionSeconds: 2, totalSeconds: 60 });
  expect(results.map(({ status }) => status)).toEqual(["ok", "failed", "out of time"]);
  expect(readdirSync(out).sort()).toEqual(["logs.tar.gz", "results.json", "results.md"]);
  const written = read(out);
  expect(written.total).toBe(3);
  expect(written.results.map(({ status }) => status)).toEqual(["ok", "failed", "out of time"]);
  expect(written.results[1]?.output).toContain("of the bad one");
  const logs = ["--extract", "--to-stdout", "--gzip", "--file", join(out, "logs.tar.gz")];
  expect(execFileSync("tar", [...logs, "logs/good.log"], { encoding: "utf8" })).toBe("of the good one\n");
  expect(readFileSync(join(out, "results.md"), "utf8")).toContain("| late | out of time |");
});

test("a run without time left says which sections it did not begin", async () => {
  const out = join(folder, "out");
  const fakes = ["one", "two"].map((name) => ({ name, args: ["--eval", ""] }));
  const about = { commit: "none", system: { gpu: "none" }, python: "python3" };
  await runAll(fakes, { out, scratch: join(folder, "scratch"), ...about, sectionSeconds: 9, totalSeconds: 0.5 });
  expect(read(out).results.map(({ status }) => status)).toEqual(["not begun", "not begun"]);
});

describe("a run that is killed", () => {
  const script = join(import.meta.dirname, "fake-run.ts");
  const begun = (): ChildProcess => spawn(process.execPath, ["--import", "tsx", script, folder], { stdio: "ignore" });
  const second = () =>
    existsSync(join(folder, "out/results.json")) ? read(join(folder, "out")).results[1] : undefined;

  // The delay is from when the second section is reported first: its figures are written all the time.
  test.each([0, 110])("leaves valid results, %i ms into a section", async (delay) => {
    const run = begun();
    const ended = new Promise((resolve) => run.on("close", resolve));
    while (second() === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, delay));
    run.kill("SIGKILL");
    await ended;
    const { total, results } = read(join(folder, "out"));
    expect(total).toBe(2);
    expect(results[0]).toMatchObject({ name: "first", status: "ok", output: "of the first\n" });
    expect(results[1]).toMatchObject({ name: "second" });
    for (const row of results[1]?.figures?.rows ?? []) expect(row).toBe(results[1]?.figures?.rows.length);
    const files = readdirSync(join(folder, "out"));
    expect(files).toEqual(expect.arrayContaining(["logs.tar.gz", "results.json", "results.md"]));
    expect(files.length).toBeLessThanOrEqual(4);
  });
});
