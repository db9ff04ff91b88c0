import { drain, useBackend } from "@awp/core";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resolveConfig } from "../../src/train/config/resolve";
import { type Images, loadImages } from "../../src/train/images";
import { type MethodName, methodNames } from "../../src/train/methods";
import { type RunEvent, type RunOutcome, run } from "../../src/train/run";
import { remove, temporaryFolder } from "./folder";

const config = resolveConfig(undefined, {
  data: { size: 8, train: 24, validation: 6, test: 12 },
  attack: { steps: 1 },
  evaluation: { steps: 2 },
  batchSize: 6,
  epochs: 1,
});
const folder = temporaryFolder();
let images: Images;
beforeAll(async () => {
  await useBackend("wasm");
  images = await loadImages({ ...config, seed: 1 });
});
afterAll(() => remove(folder));

/** Trains in a directory; `look` may ask for a pause. */
function trained(
  directory: string,
  look: (event: RunEvent, pause: () => void) => void = () => {},
  method: MethodName = "at-awp",
): Promise<RunOutcome> {
  const controller = new AbortController();
  const options = { directory: join(folder, directory), resume: true, reportEvery: 1, pause: controller.signal };
  return drain(run({ method, seed: 1 }, config, images, options), (event) => look(event, () => controller.abort("asked")));
}

const untimed = (outcome: RunOutcome): unknown =>
  outcome.kind === "done" ? { ...outcome.result, secondsPerStep: null } : outcome;

describe("a run", () => {
  test("paused in the evaluation at its end makes that anew", async () => {
    const unbroken = await trained("unbroken");
    const paused = await trained("broken", ({ kind }, pause) => kind === "evaluating" && pause());
    expect(paused).toEqual({ kind: "paused", at: { epoch: 1, step: 0 } });
    expect(untimed(await trained("broken"))).toEqual(untimed(unbroken));
  });

  test("paused within its epoch says where", async () => {
    const paused = await trained("within", (event, pause) => event.kind === "step" && event.step === 2 && pause());
    expect(paused).toEqual({ kind: "paused", at: { epoch: 0, step: 2 } });
  });

  test.each(methodNames)("trains with %s, to a finite loss", async (method) => {
    const losses: number[] = [];
    const { kind } = await trained(method, (event) => event.kind === "step" && losses.push(event.loss), method);
    expect([kind, losses.length]).toEqual(["done", 4]);
    expect(losses.every(Number.isFinite)).toBe(true);
  });

  test("gives shares of the examples, under FGSM and PGD no more than without", async () => {
    const outcome = await trained("shares");
    if (outcome.kind !== "done") throw new Error("paused");
    const { train, test: onTest } = outcome.result;
    expect(train.pgd).toBeLessThanOrEqual(train.natural);
    expect(onTest.pgd).toBeLessThanOrEqual(onTest.natural);
    expect(onTest.fgsm).toBeLessThanOrEqual(onTest.natural);
    for (const share of [train.natural, onTest.natural, onTest.pgd])
      expect(12 * share).toBeCloseTo(Math.round(12 * share), 9);
  });
});
