import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { figureNames } from "../../src/figure/figures";
import { metricsOf, write } from "../runs/written-run";
import { temporaryFolder } from "../temporary-folder";
import { awp } from "../written";

const landscape = (split: string, directions: number): object => ({
  ...{ epoch: 3, split, attack: "pgd-10", images: 100 },
  directions: ["random, seed 1", "random, seed 2"].slice(0, directions),
  points: [-1, 0, 1].flatMap((alpha) =>
    (directions === 1 ? [[alpha]] : [-1, 0, 1].map((beta) => [alpha, beta])).map((at) => {
      const loss = 1 + alpha ** 2;
      return {
        at,
        clean: { loss, accuracy: 0.6 },
        adversarial: { loss: 2 * loss, accuracy: split === "train" ? 0.5 : 0.3 },
      };
    }),
  ),
});

/** A run with landscapes of AT: lines of both splits and a plane. */
async function run(methods = ["at"]): Promise<string> {
  const folder = await temporaryFolder();
  await write(folder, {
    "config.yaml": `methods: [${methods.join(", ")}]\nepochs: 3\n`,
    "results.json": {
      results: methods.map((method) => ({
        ...{ method, seed: 1 },
        ...{ train: { natural: 0.9, pgd: 0.6, images: 8 }, test: { natural: 0.7, fgsm: 0.5, pgd: 0.4, images: 8 } },
      })),
    },
    ...Object.fromEntries<unknown>(
      methods.flatMap((method): [string, unknown][] => [
        [`${method}/seed-1/metrics.jsonl`, metricsOf(3)],
        [`${method}/seed-1/landscapes/train.json`, landscape("train", 1)],
        [`${method}/seed-1/landscapes/test.json`, landscape("test", 1)],
        [`${method}/seed-1/landscapes/plane.json`, landscape("train", 2)],
      ]),
    ),
  });
  return folder;
}

describe("awp figure", () => {
  test.each(figureNames)("draws %s of a run", async (name) => {
    const folder = await run();
    const file = join(folder, `${name}.svg`);
    const { code, stdout, stderr } = await awp("figure", name, folder, "--output", file, "--theme", "dark");
    expect(stderr).toBe("");
    expect([code, stdout]).toEqual([0, `${file}\n`]);
    expect(await readFile(file, "utf8")).toMatch(/^<svg[\s\S]*#14181d/);
  });

  test("writes the specification into a file of JSON", async () => {
    const folder = await run(["at", "at-awp"]);
    const file = join(folder, "gaps.json");
    await awp("figure", "gap-across-methods", folder, "-o", file);
    const text = await readFile(file, "utf8");
    expect(JSON.parse(text)).toHaveProperty("$schema");
    // Train minus test under PGD, in points, from results.json.
    expect(text).toMatch(/"method": "AT-AWP",\s*"gap": 19.99\d+|"gap": 20/);
  });

  test.each([
    ["a figure that there is not", ["landscape", "RUN", "-o", "a.svg"], 2, "Allowed choices are training-curves"],
    ["a file of another kind", ["training-curves", "RUN", "-o", "a.pdf"], 2, "want a name that ends with .svg"],
    ["no file", ["training-curves", "RUN"], 2, "--output"],
    [
      "two trainings for a figure of one",
      ["gap-along-training", "RUN", "-o", "a.svg"],
      2,
      "got 2 trainings, AT, AT-AWP",
    ],
    ["a folder without a run", ["training-curves", "elsewhere", "-o", "a.svg"], 1, "elsewhere"],
  ])("refuses %s", async (_name, words, expected, message) => {
    const folder = await run(["at", "at-awp"]);
    const { code, stderr } = await awp("figure", ...words.map((word) => (word === "RUN" ? folder : word)));
    expect(stderr).toContain(message);
    expect(code).toBe(expected);
  });
});
