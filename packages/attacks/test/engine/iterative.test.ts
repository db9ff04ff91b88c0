import { type Classifier, crossEntropy, type Images, misclassified, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { fgsm, klObjective, pgd } from "../../src/index";
import { toyImages, toyLabels, toys } from "../toy-problem";

const linf = { norm: "linf", epsilon: 0.1 } as const;
const linear = (): Classifier => toys.linear!();

describe("an attack in blocks", () => {
  const attack = pgd({ ...linf, steps: 3, restarts: 2 });

  it.each([[[6]], [[1, 1, 1, 1, 1, 1]], [[2, 2, 2]], [[4, 0, 100]]])("of %j is the attack", (blocks) => {
    const [classifier, x, y] = [linear(), toyImages(4), toyLabels(4)];
    let state = attack.start(classifier, x, y, random(1));
    for (const block of blocks) state = attack.advance(state, block);
    const { images } = attack.finish(state);
    expect(images.dataSync()).toEqual(attack(classifier, x, y, random(1)).dataSync());
    expect(attack.iterations).toBe(6);
  });

  it("outlives the caller's images and the scope that it was started in", () => {
    const [classifier, y] = [linear(), toyLabels(4)];
    const x = toyImages(4);
    const state = attack.start(classifier, x, y, random(1));
    x.dispose();
    expect(() => attack.finish(attack.advance(state, 6))).not.toThrow();
  });

  it("finishes early with what it has", () => {
    const [classifier, x, y] = [linear(), toyImages(4), toyLabels(4)];
    const short = pgd({ ...linf, steps: 3, stepSize: 0.02, start: "clean" });
    const found = short.finish(short.advance(short.start(classifier, x, y, random(1)), 2));
    const two = pgd({ ...linf, steps: 2, stepSize: 0.02, start: "clean" })(classifier, x, y, random(1));
    expect(found.images.dataSync()).toEqual(two.dataSync());
    expect(Array.from(found.iteration.dataSync())).toEqual([2, 2, 2, 2]);

    const started = attack.finish(attack.start(classifier, x, y, random(1)));
    expect(Array.from(started.iteration.dataSync())).toEqual([0, 0, 0, 0]);
  });

  it("reports what it broke and how far it climbed", () => {
    const [classifier, x, y] = [toys["mean pool"]!(), toyImages(9), toyLabels(9)];
    const fast = fgsm({ ...linf, epsilon: 0.02 });
    const found = fast.finish(fast.advance(fast.start(classifier, x, y, random(1)), 1));
    const logits = classifier(found.images);
    const wrong = misclassified(logits, y).dataSync();
    expect(found.broken.dtype).toBe("int32");
    expect(found.broken.dataSync()).toEqual(wrong);
    expect(new Set(wrong).size).toBe(2);
    expect(found.objective.dataSync()).toEqual(crossEntropy(logits, y).dataSync());
  });

  it("can be abandoned at any point", () => {
    const [classifier, x, y] = [linear(), toyImages(2), toyLabels(2)];
    for (let done = 0; done <= 6; done++) {
      expect(() => attack.discard(attack.advance(attack.start(classifier, x, y, random(1)), done))).toAllocate(0);
    }
  });

  it("holds as many tensors after every iteration of a start", () => {
    const [classifier, x, y] = [linear(), toyImages(2), toyLabels(2)];
    const before = tf.memory().numTensors;
    let state = attack.start(classifier, x, y, random(1));
    const held: number[] = [];
    for (let done = 0; done < 6; done++) {
      state = attack.advance(state, 1);
      held.push(tf.memory().numTensors - before);
    }
    attack.discard(state);
    expect(new Set(held.slice(0, 3)).size).toBe(1);
    expect(new Set(held.slice(3)).size).toBe(1);
  });
});

describe("a classifier that throws", () => {
  const attack = pgd({ ...linf, steps: 2, restarts: 2, objective: klObjective() });
  // Clean logits, two steps, the comparison, and again.
  const passes = [1, 2, 3, 4, 5, 6, 7, 8];

  it.each(passes)("in pass %i leaves nothing behind", (failing) => {
    const [inner, x, y] = [linear(), toyImages(2), toyLabels(2)];
    let pass = 0;
    const failingClassifier = (at: Images) => {
      if (++pass === failing) throw new Error("out of order");
      return inner(at);
    };
    const run = (body: () => unknown) => () => {
      pass = 0;
      expect(body).toThrow("out of order");
    };
    expect(run(() => attack(failingClassifier, x, y, random(1)))).toAllocate(0);
    const start = () => attack.start(failingClassifier, x, y, random(1));
    expect(run(() => attack.finish(attack.advance(start(), 4)))).toAllocate(0);
    expect(x.isDisposed || y.isDisposed).toBe(false);
  });
});
