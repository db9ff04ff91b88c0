import { describe, expect, test } from "vitest";
import { bars } from "../../src/watch/bars";
import { frameOf } from "../../src/watch/frame";
import type { Snapshot, TrainingSnapshot } from "../../src/watch/snapshot";

describe("a curve of blocks", () => {
  const range = { low: 0, high: 15 };

  test("rises through eighths of a line, over all lines", () => {
    expect(bars([0, 7, 8, 15], { width: 4, height: 2, total: 4 }, range)).toEqual(["  ▁█", "▁███"]);
  });

  test("takes the share of the width that its values have of all to come", () => {
    expect(bars([0, 15], { width: 8, height: 1, total: 4 }, { low: 0, high: 15 })).toEqual(["▁▁██"]);
    const halves = Array.from({ length: 100 }, (_, i) => (i < 50 ? 0 : 15));
    expect(bars(halves, { width: 8, height: 1, total: 200 }, range)).toEqual(["▁▁██"]);
  });

  test("has a gap where a value is not finite, and lies in the middle where all are one", () => {
    expect(bars([15, Number.NaN, 15], { width: 3, height: 1, total: 3 }, range)).toEqual(["█ █"]);
    expect(bars([3, 3], { width: 2, height: 1, total: 2 }, { low: 3, high: 3 })).toEqual(["▅▅"]);
  });
});

const training: TrainingSnapshot = {
  name: "AT-AWP",
  state: "training",
  epochs: 10,
  done: [1, 2].map((epoch) => ({
    ...{ epoch, loss: 3 - epoch / 2, learningRate: 0.1, seconds: 30 },
    metrics: { natural: 0.3 + epoch / 10, robust: 0.2 },
  })),
  within: { step: 5, stepsPerEpoch: 10, loss: 1.75 },
  accuracies: [],
};
const snapshot: Snapshot = {
  ...{ folder: "runs/train-1", about: "small-cnn on cifar10", state: "running", heard: 1000 },
  trainings: [training, { ...training, name: "AT", state: "waiting", done: [], within: null }],
};

describe("a frame", () => {
  const frame = frameOf(snapshot, { columns: 100, rows: 24, now: 2000 });

  test("tells what is trained, how far each is and its last and best figures", () => {
    expect(frame[0]).toBe("runs/train-1: small-cnn on cifar10, running");
    const text = frame.join("\n");
    expect(text).toContain("AT-AWP  █████░░░░░░░░░░░░░░░  epoch 3/10, step 5/10, loss 1.750  about 3 min 50 s left");
    expect(text).toContain("AT      ░░░░░░░░░░░░░░░░░░░░  waiting for its turn");
    expect(text).toMatch(/loss 2\.000 +natural 50\.0 %, best 50\.0 % +robust 20\.0 %/);
    expect(text).toMatch(/2\.500 █/);
  });

  test("never is larger than the terminal", () => {
    for (const [columns, rows] of [
      [100, 24],
      [40, 12],
      [20, 3],
      [1, 1],
    ] as const) {
      const lines = frameOf(snapshot, { columns, rows, now: 2000 });
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    }
  });

  test("wonders when nothing has been heard for long", () => {
    const [first] = frameOf(snapshot, { columns: 100, rows: 24, now: 181_000 });
    expect(first).toContain("running; last heard of about 3 min ago");
  });
});
