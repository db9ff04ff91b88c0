import { describe, expect, test, vi } from "vitest";
import { resolveConfig } from "../../src/train/config/resolve";
import { about, passesOf } from "../../src/train/estimate";
import { loadImages } from "../../src/train/images";
import type { RunEvent } from "../../src/train/run";
import { watch } from "../../src/train/watch";

/** What is said on a terminal that is none. */
function listening() {
  const lines: string[] = [];
  const note = (line: string): void => void lines.push(line);
  const progress = {
    task: (name: string) => ({ update: () => {}, note: (line: string) => note(`${name} ${line}`) }),
    note,
    stop: () => {},
  };
  const trainings = [
    { path: "at", title: "AT", passes: { step: 10, total: 1000 } },
    { path: "at-awp", title: "AT-AWP", passes: { step: 20, total: 2000 } },
  ];
  const options = { progress, plan: "Training", notes: ["on wasm"], epochs: 2, trainings };
  return { lines, options };
}

const step = (at: number, secondsPerStep: number): RunEvent => ({
  kind: "step",
  epoch: 0,
  step: at,
  stepsPerEpoch: 30,
  loss: 1,
  learningRate: 0.1,
  secondsPerStep,
});
const warning: RunEvent = { kind: "warning", message: "mind this" };

describe("what is said of a training", () => {
  test("begins with the plan and the time it takes, by steps that are not the first", () => {
    const { lines, options } = listening();
    const view = watch({ ...options, parallel: 2 });
    view.show("at", warning);
    view.show("at", step(3, 50));
    view.show("at-awp", step(3, 50));
    view.show("at", step(6, 0.2));
    expect(lines).toEqual([]);
    view.show("at-awp", step(6, 0.4));
    // 0.02 s for a pass: 20 s and 40 s side by side.
    expect(lines).toEqual(["Training, about 40 s", "on wasm", "AT     mind this"]);
    expect(view.estimate()).toBeCloseTo(40);
    view.end();
    expect(lines).toHaveLength(3);
  });

  test("adds the times of methods that train one after the other", () => {
    const { lines, options } = listening();
    const view = watch({ ...options, parallel: 1 });
    view.show("at", step(3, 50));
    view.show("at", step(6, 0.2));
    expect(lines[0]).toBe("Training, about 1 min");
  });

  test("does not wait for the time for long", () => {
    vi.useFakeTimers();
    const { lines, options } = listening();
    const view = watch({ ...options, parallel: 1 });
    vi.advanceTimersByTime(10_000);
    expect(lines).toEqual(["Training; how long it takes, its first steps will tell", "on wasm"]);
    view.show("at", step(3, 50));
    view.show("at", step(6, 0.2));
    expect(lines.at(-1)).toBe("about 1 min, by the first steps");
    vi.useRealTimers();
  });

  test("counts what is left when it goes on", () => {
    const { lines, options } = listening();
    const view = watch({ ...options, parallel: 2 });
    for (const name of ["at", "at-awp"] as const) {
      view.show(name, { kind: "resumed", epoch: 1, step: 0, place: "there" });
      view.show(name, step(3, 50));
      view.show(name, step(6, name === "at" ? 0.2 : 0.4));
    }
    expect(lines[0]).toBe("Training, about 20 s");
    expect(lines).toContain("AT-AWP resumed in epoch 2, from there");
  });
});

describe("an estimate", () => {
  test("counts the images that go through the network", async () => {
    const config = resolveConfig(undefined, {
      data: { size: 8, train: 40, validation: 3, test: 30 },
      attack: { steps: 4 },
      evaluation: { steps: 10 },
      batchSize: 16,
      epochs: 2,
    });
    const images = await loadImages({ ...config, seed: 1 });
    const awp = passesOf("at-awp", config, images);
    expect(awp.step).toBe(16 * 6);
    // Two steps an epoch and the validation; then training and test images under PGD, test images under FGSM.
    const answers = (2 / 3) * (2 * 3 + 3 * 30);
    expect(awp.total).toBeCloseTo(2 * (2 * 16 * 6 + 3 * 4) + 2 * 30 * 10 + 30 + answers);
    expect(passesOf("at-rwp", config, images)).toEqual(passesOf("at", config, images));
    expect(passesOf("standard", config, images).step).toBe(16);
  });

  test.each([
    [3, "about 5 s"],
    [41, "about 40 s"],
    [57, "about 1 min"],
    [98, "about 1 min 40 s"],
    [1500, "about 25 min"],
    [8400, "about 2.3 h"],
    [400_000, "about 5 days"],
  ])("of %d seconds is said as %s", (seconds, words) => {
    expect(about(seconds)).toBe(words);
  });
});
