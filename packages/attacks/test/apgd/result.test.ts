import { type Classifier, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { apgd, dlrObjective } from "../../src/index";
import { toyImages, toys } from "../toy-problem";
import { inner, rightOf, run } from "./run";

describe("APGD's result", () => {
  const linf = { norm: "linf", epsilon: 0.1, steps: 12 } as const;

  it("is the clean image where none is misclassified, and where the clean one is already", () => {
    const classifier = toys.linear!();
    const x = inner(6);
    const right = rightOf(classifier, x);
    const robust = run({ ...linf, epsilon: 1e-4 }, classifier, x, right);
    expect(robust.images.dataSync()).toEqual(x.dataSync());
    expect(Array.from(robust.broken.dataSync())).toEqual([0, 0, 0, 0, 0, 0]);

    const wrong = run(linf, classifier, x, tf.mod(tf.add(right, tf.scalar(1, "int32")), tf.scalar(3, "int32")));
    expect(wrong.images.dataSync()).toEqual(x.dataSync());
    expect(Array.from(wrong.broken.dataSync())).toEqual([1, 1, 1, 1, 1, 1]);
    expect(Array.from(wrong.iteration.dataSync())).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("is the latest misclassified iterate, found in the iteration that it tells", () => {
    const classifier = toys["nearest centre"]!();
    const x = toyImages(8);
    const y = rightOf(classifier, x);
    // From its random start at the edge, DLR comes back across the boundary for some.
    const options = { ...linf, epsilon: 0.08, objective: dlrObjective() } as const;
    const attack = apgd(options);
    const seen: { images: Float32Array; wrong: boolean[] }[] = [];
    const watching: Classifier = (at) => {
      const wrong = tf.notEqual(rightOf(classifier, at), y).dataSync();
      seen.push({ images: at.dataSync().slice() as Float32Array, wrong: Array.from(wrong, Boolean) });
      return classifier(at);
    };
    const found = attack.finish(attack.advance(attack.start(watching, x, y, random(2)), 12));
    const iterates = seen.slice(1); // the first pass is on the clean images
    expect(iterates).toHaveLength(13);
    const latest = Array.from({ length: 8 }, (_, row) =>
      iterates.reduce((last, { wrong }, index) => (wrong[row] ? index : last), -1),
    );
    expect(latest.some((index) => index >= 0)).toBe(true);
    const size = x.size / 8;
    latest.forEach((index, row) => {
      const images = index < 0 ? x.dataSync() : iterates[index]!.images;
      const rows = (values: ArrayLike<number>) => Array.from(values).slice(row * size, (row + 1) * size);
      expect(rows(found.images.dataSync())).toEqual(rows(images));
      expect(found.iteration.dataSync()[row]).toBe(Math.max(index, 0));
      expect(found.broken.dataSync()[row]).toBe(index < 0 ? 0 : 1);
    });
  });

  it.each([
    ["linf", false],
    ["l2", false],
    ["l1", false],
    ["l1", true],
  ] as const)("in %s is the same for rows that go on alone (large epsilons: %s)", (norm, largeEpsilons) => {
    const classifier = toys["nearest centre"]!();
    const x = toyImages(6);
    const y = rightOf(classifier, x);
    const epsilon = { linf: 0.05, l2: 0.15, l1: 0.4 }[norm];
    const attack = apgd({ norm, epsilon, steps: 20, largeEpsilons });
    const begin = () => attack.start(classifier, x, y, random(3).forRows(Int32Array.of(4, 5, 6, 7, 8, 9)));
    const whole = attack.finish(attack.advance(begin(), 20));

    const selected = attack.select(attack.advance(begin(), 7), Int32Array.of(4, 1));
    const some = attack.finish(attack.advance(selected, 13));

    for (const field of ["images", "broken", "iteration", "objective"] as const) {
      const expected = tf.gather<tf.Tensor>(whole[field], tf.tensor1d([4, 1], "int32")).dataSync();
      expect(some[field].dataSync()).toEqual(expected);
    }
  });
});
