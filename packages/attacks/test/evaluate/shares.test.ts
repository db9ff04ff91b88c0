import { type Attack, type Batch, drain, type ProcessGroup, random } from "@awp/core";
import { linearClassifier, localGroups } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { evaluate, fgsm, minimalEpsilon, pgd, predictions, transfer, worstOf } from "../../src/index";
import { toyImages, toyLabels, weights } from "../toy-problem";

const threat = { norm: "linf", epsilon: 0.03 } as const;
const strong = pgd({ ...threat, steps: 3, start: "uniform" });

/** 13 images in batches of 3; the last one has one. */
function* inBatches(): Generator<Batch> {
  const [x, y] = [toyImages(13, 0.3, 0.7), toyLabels(13, 2)];
  for (let start = 0; start < 13; start += 3) {
    const rows = Math.min(3, 13 - start);
    yield {
      images: tf.slice(x, start, rows),
      labels: tf.slice(y, start, rows),
      indices: Int32Array.from({ length: rows }, (_, row) => 50 + start + row),
    };
  }
  tf.dispose([x, y]);
}

const classifier = (x: tf.Tensor4D) => linearClassifier(weights(2))(x);

type Group = { readonly group?: ProcessGroup };

const evaluations: Record<string, (group: Group) => AsyncGenerator<object, object>> = {
  "evaluate with PGD": (group) => measured(strong, group),
  "evaluate with the worst of two attacks": (group) => measured(worstOf([fgsm(threat), strong]), group),
  "evaluate of a transfer": (group) =>
    measured(
      transfer((x) => tf.neg(classifier(x)), fgsm(threat)),
      group,
    ),
  predictions: (group) => predictions({ classifier, batches: inBatches(), ...group }),
  minimalEpsilon: (group) =>
    minimalEpsilon({
      ...{ classifier, images: toyImages(13, 0.3, 0.7), labels: toyLabels(13, 2), random: random(1) },
      ...{ attack: (epsilon: number) => fgsm({ norm: "linf", epsilon }), largest: 0.1, halvings: 5, ...group },
    }),
};

function measured(attack: Attack, group: Group): AsyncGenerator<object, object> {
  return evaluate({ classifier, attack, batches: inBatches(), random: random(2), ...group });
}

describe.each(Object.entries(evaluations))("%s", (_name, evaluation) => {
  it("has the events and the result of one process on every rank", async () => {
    const run = async (group: Group) => {
      const events: object[] = [];
      return { result: await drain(evaluation(group), (event) => events.push(event)), events };
    };
    const one = await run({});
    expect(one.events.length).toBeGreaterThan(4);
    for (const size of [1, 2, 3, 7]) {
      for (const each of await Promise.all(localGroups(size).map((group) => run({ group })))) expect(each).toEqual(one);
    }
  });
});

describe("the ranks of a group", () => {
  it("attack each batch once, together", async () => {
    const attacked: number[][] = [[], [], []];
    await Promise.all(
      localGroups(3).map((group) => {
        const attack: Attack = (_classifier, x, _y, { rows }) => {
          attacked[group.rank]!.push(...(rows as Int32Array));
          return tf.clone(x);
        };
        return drain(measured(attack, { group }));
      }),
    );
    expect(attacked).toEqual([
      [50, 51, 52, 59, 60, 61],
      [53, 54, 55, 62],
      [56, 57, 58],
    ]);
  });

  it("dispose all batches, those of the others too, and on an error", async () => {
    const failing: Attack = (_classifier, x, _y, { rows }) => {
      if ((rows as Int32Array)[0] === 62) throw new Error("out of memory");
      return tf.clone(x);
    };
    const before = tf.memory().numTensors;
    await Promise.all(localGroups(2).map((group) => drain(measured(strong, { group }))));
    expect(tf.memory().numTensors).toBe(before);
    const found = await Promise.allSettled(localGroups(2).map((group) => drain(measured(failing, { group }))));
    expect(found.map((each) => String((each as PromiseRejectedResult).reason))).toEqual([
      "Error: out of memory",
      "AwpError: rank 0 of 2, evaluation: out of memory",
    ]);
  });

  it("refuse to measure shares of rows that are taken for the whole", async () => {
    const runs = localGroups(2).map((group) => {
      const own = [...inBatches()].slice(0, 4).map(({ images, labels, indices }) => ({
        images: tf.slice(images, group.rank, 1),
        labels: tf.slice(labels, group.rank, 1),
        indices: indices.slice(group.rank, group.rank + 1),
      }));
      return drain(evaluate({ classifier, attack: strong, batches: own, random: random(2), group }));
    });
    for (const each of await Promise.allSettled(runs)) {
      expect(String((each as PromiseRejectedResult).reason)).toContain(
        'does "1 images, 51 to 51" where rank 0 does "1 images, 50 to 50"',
      );
    }
  });
});
