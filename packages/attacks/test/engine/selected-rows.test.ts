import { random, type TrackingAttack } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { fab, square, towardsRank } from "../../src/index";
import { toyImages, toyLabels, toys } from "../toy-problem";

const attacks: Readonly<Record<string, TrackingAttack<never>>> = Object.fromEntries(
  (["linf", "l2", "l1"] as const).flatMap((norm) => [
    [`fab ${norm}`, fab({ norm, epsilon: 0.3, steps: 3, restarts: 2 }) as TrackingAttack<never>],
    [`fab-t ${norm}`, fab({ norm, epsilon: 0.3, steps: 6, goal: towardsRank(3) }) as TrackingAttack<never>],
    [`square ${norm}`, square({ norm, epsilon: 0.3, queries: 8 }) as TrackingAttack<never>],
  ]),
);

describe.each(Object.entries(attacks))("%s", (_name, attack) => {
  const rows = Int32Array.of(4, 1, 2);

  it("finds the same for rows that it goes on with alone", () => {
    const [classifier, x, y] = [toys["nearest centre"]!(), toyImages(6), toyLabels(6)];
    const source = random(3).forRows(Int32Array.of(10, 11, 12, 13, 14, 15));
    const whole = attack.finish(attack.advance(attack.start(classifier, x, y, source), 100));
    const begun = attack.advance(attack.start(classifier, x, y, source), 2);
    const some = attack.finish(attack.advance(attack.select(begun, rows), 100));
    const index = tf.tensor1d(rows, "int32");
    expect(some.images.dataSync()).toEqual(tf.gather(whole.images, index).dataSync());
    expect(Array.from(some.broken.dataSync())).toEqual(Array.from(tf.gather(whole.broken, index).dataSync()));
    expect(some.iteration.dataSync()).toEqual(tf.gather(whole.iteration, index).dataSync());
    const alone = attack(
      classifier,
      tf.gather(x, index),
      tf.gather(y, index),
      source.forRows(Int32Array.of(14, 11, 12)),
    );
    expect(alone.dataSync()).toEqual(some.images.dataSync());
  });

  it("leaves nothing behind when rows are dropped", () => {
    const [classifier, x, y] = [toys["nearest centre"]!(), toyImages(6), toyLabels(6)];
    const source = random(3).forRows(Int32Array.of(10, 11, 12, 13, 14, 15));
    expect(() => {
      const begun = attack.advance(attack.start(classifier, x, y, source), 2);
      attack.broken(begun).dispose();
      attack.discard(attack.advance(attack.select(begun, rows), 1));
      attack.discard(begun);
    }).toAllocate(0);
  });
});
