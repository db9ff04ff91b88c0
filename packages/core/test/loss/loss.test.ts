import { finiteDifference, readGolden, relativeDeviation } from "@awp/testing";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { array, assert, double, integer, property } from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ArgumentError,
  misclassified,
  crossEntropy,
  dlr,
  klDivergence,
  type Labels,
  type Logits,
  margin,
  mean,
  targetedDlr,
  valueAndGradient,
} from "../../src/index";

const indices = (...values: number[]): Labels => tf.tensor1d(values, "int32");
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

type Loss = (logits: Logits) => tf.Tensor;
const gradient = (loss: Loss, logits: Logits): tf.Tensor =>
  tf.grad((z: tf.Tensor) => tf.sum(loss(z as Logits)))(logits);

/** Each loss as a function of the logits, for four classes and two examples. */
const y = (): Labels => indices(0, 2);
const losses: [string, Loss][] = [
  ["crossEntropy", (z) => crossEntropy(z, y())],
  ["klDivergence in P", (z) => klDivergence(z, tf.tensor2d([0.5, 1.2, 0.3, -1, 0, 1, 1.5, 2.2], [2, 4]))],
  ["klDivergence in Q", (z) => klDivergence(tf.tensor2d([0.5, 1.2, 0.3, -1, 0, 1, 1.5, 2.2], [2, 4]), z)],
  ["margin", (z) => margin(z, y())],
  ["dlr", (z) => dlr(z, y())],
  ["targetedDlr", (z) => targetedDlr(z, y(), indices(1, 1))],
];

describe("values by hand", () => {
  const z = (): Logits => tf.tensor2d([2, 1, 0.5, -1, 0, 3, 1, 2], [2, 4]);

  test("of the losses with labels", () => {
    expect(relativeDeviation(dlr(z(), y()), [-2 / 3, 1])).toBeLessThan(1e-6);
    expect(relativeDeviation(targetedDlr(z(), y(), indices(1, 1)), [-4 / 9, 0.8])).toBeLessThan(1e-6);
    expect(relativeDeviation(crossEntropy(z(), y()), [0.4951818981, 2.4401896986])).toBeLessThan(1e-6);
    expect(values(margin(z(), y()))).toEqual([-1, 2]);
    expect(values(misclassified(z(), y()))).toEqual([0, 1]);
    expect(misclassified(z(), y()).dtype).toBe("int32");
  });

  test("of the TRADES pair: cross-entropy, KL and their sum", () => {
    const natural = tf.tensor2d([2, 1, 0.5, -1, 0.5, 0, 3, 2], [2, 4]);
    const adversarial = tf.tensor2d([0.5, 1.2, 0.3, -1, 0, 1, 1.5, 2.2], [2, 4]);
    const ce = values(mean(crossEntropy(natural, y())))[0] as number;
    const kl = values(mean(klDivergence(natural, adversarial)))[0] as number;
    expect(Math.abs(ce - 0.4502406656)).toBeLessThan(1e-6);
    expect(Math.abs(kl - 0.3439020736)).toBeLessThan(1e-6);
    expect(Math.abs(ce + 6 * kl - 2.5136531072)).toBeLessThan(5e-6);
    expect(relativeDeviation(mean(crossEntropy(adversarial, y())), 1.3732314559)).toBeLessThan(1e-6);
  });
});

describe.each(["wasm", "cpu"])("losses on %s are those of the golden file:", (backend) => {
  beforeAll(() => tf.setBackend(backend));
  afterAll(() => tf.setBackend("cpu"));

  interface Golden {
    readonly logits_adv: number[][];
    readonly logits_nat: number[][];
    readonly labels: number[];
    readonly target_labels: number[];
    readonly [loss: string]: unknown;
  }
  interface Expected {
    readonly value: number | number[];
    readonly grad_adv: number[][];
    readonly grad_nat: number[][] | null;
  }
  const golden = readGolden<Golden>("losses_on_logits.json");
  const labels = (): Labels => indices(...golden.labels);
  const kl = (nat: Logits, adv: Logits): tf.Tensor => mean(klDivergence(nat, adv));

  const cases: [string, (nat: Logits, adv: Logits) => tf.Tensor][] = [
    ["cross_entropy_mean", (_, adv) => mean(crossEntropy(adv, labels()))],
    ["kl_batchmean(nat||adv)", kl],
    ["trades_beta6", (nat, adv) => tf.add(mean(crossEntropy(nat, labels())), tf.mul(6, kl(nat, adv)))],
    ["dlr_per_example", (_, adv) => dlr(adv, labels())],
    ["dlr_targeted_per_example", (_, adv) => targetedDlr(adv, labels(), indices(...golden.target_labels))],
    ["cw_margin_per_example", (_, adv) => margin(adv, labels())],
  ];

  test.each(cases)("%s", (name, loss) => {
    const expected = golden[name] as Expected;
    const nat = tf.tensor2d(golden.logits_nat);
    const adv = tf.tensor2d(golden.logits_adv);
    const inAdversarial = valueAndGradient((z) => loss(nat, z), adv);
    expect(relativeDeviation(inAdversarial.value, expected.value)).toBeLessThan(1e-5);
    expect(relativeDeviation(inAdversarial.gradient, expected.grad_adv)).toBeLessThan(1e-5);
    if (expected.grad_nat === null) return;
    const inNatural = valueAndGradient((z) => loss(z, adv), nat);
    expect(relativeDeviation(inNatural.gradient, expected.grad_nat)).toBeLessThan(1e-5);
  });
});

describe.each(losses)("%s", (_, loss) => {
  const logits = (): Logits => tf.tensor2d([1.9, 0.7, 0.2, -0.8, 0.1, 2.6, 1.3, 1.9], [2, 4]);

  test("has the gradient that finite differences find", () => {
    const expected = finiteDifference((z) => loss(z as Logits), logits());
    expect(relativeDeviation(gradient(loss, logits()), expected)).toBeLessThan(1e-3);
  });

  test("does not feel a shift of all logits", () => {
    const moved = tf.add<Logits>(logits(), 3);
    expect(relativeDeviation(loss(moved), loss(logits()))).toBeLessThan(1e-5);
    expect(relativeDeviation(gradient(loss, moved), gradient(loss, logits()))).toBeLessThan(1e-5);
  });

  test("is finite, with a finite gradient, for logits of ±1e4", () => {
    const size = 1e4;
    const extremes = [
      [size, -size, 0, 1, -size, size, -size, size],
      [-size, size, size, -size, size, size, -size, -size],
      [size, size, size, size, -size, -size, -size, -size],
    ];
    for (const extreme of extremes) {
      const z = tf.tensor2d(extreme, [2, 4]);
      expect(values(loss(z)).every(Number.isFinite)).toBe(true);
      expect(values(gradient(loss, z)).every(Number.isFinite)).toBe(true);
    }
  });
});

test("every loss leaves its value alone, and its gradient nothing but itself", () => {
  const z = tf.tensor2d([1.9, 0.7, 0.2, -0.8, 0.1, 2.6, 1.3, 1.9], [2, 4]);
  const [q, labels, targets] = [tf.ones<tf.Rank.R2>([2, 4]), y(), indices(1, 1)];
  const cases: Loss[] = [
    (logits) => crossEntropy(logits, labels),
    (logits) => klDivergence(logits, q),
    (logits) => klDivergence(q, logits),
    (logits) => margin(logits, labels),
    (logits) => dlr(logits, labels),
    (logits) => targetedDlr(logits, labels, targets),
  ];
  for (const loss of cases) {
    expect(() => loss(z)).toAllocate(1);
    expect(() => gradient(loss, z)).toAllocate(1);
  }
  expect(() => misclassified(z, labels)).toAllocate(1);
  expect(() => expect(() => dlr(z, q as unknown as Labels)).toThrow("labels")).toAllocate(0);
});

describe("ties of logits", () => {
  test("the margin's gradient chooses one of the equal classes", () => {
    const z = tf.tensor2d([[1, 5, 5, 5]]);
    const chosen = values(gradient((x) => margin(x, indices(0)), z));
    expect(chosen[0]).toBe(-1);
    expect(chosen.slice(1).sort()).toEqual([0, 0, 1]);
  });

  test("a label among the equal classes has margin 0, and another class against it", () => {
    const z = tf.tensor2d([[5, 5, 1]]);
    expect(values(margin(z, indices(1)))).toEqual([0]);
    expect(values(gradient((x) => margin(x, indices(1)), z))).toEqual([1, -1, 0]);
  });

  test("however low the other classes are, the label is not one of them", () => {
    expect(values(margin(tf.tensor2d([[1e4, -2e4, -3e4]]), indices(0)))).toEqual([-3e4]);
    expect(values(margin(tf.tensor2d([[-3e4, -1e4, -2e4]]), indices(1)))).toEqual([-1e4]);
  });

  test("DLR of equal logits is zero, and finite where only its denominator vanishes", () => {
    expect(values(dlr(tf.tensor2d([[3, 3, 3, 3]]), indices(1)))).toEqual([0]);
    const three = tf.tensor2d([[3, 3, 3, -1e4]]);
    expect(values(dlr(three, indices(3))).every(Number.isFinite)).toBe(true);
    expect(values(gradient((z) => dlr(z, indices(3)), three)).every(Number.isFinite)).toBe(true);
  });
});

describe("properties of losses", () => {
  const classes = 5;
  const row = () => array(double({ min: -30, max: 30, noNaN: true }), { minLength: classes, maxLength: classes });
  const label = () => integer({ min: 0, max: classes - 1 });

  test("KL is not negative and zero for equal logits; the gradient in Q is q − p", () => {
    assert(
      property(row(), row(), (a, b) => {
        tf.tidy(() => {
          const [p, q] = [tf.tensor2d([a]), tf.tensor2d([b])];
          expect(values(klDivergence(p, q))[0]).toBeGreaterThan(-1e-5);
          expect(values(klDivergence(p, p))).toEqual([0]);
          const difference = tf.sub(tf.softmax(q), tf.softmax(p));
          const inQ = gradient((z) => klDivergence(p, z), q);
          expect(values(tf.max(tf.abs(tf.sub(inQ, difference))))[0]).toBeLessThan(1e-6);
        });
      }),
    );
  });

  test("margin and DLR are positive exactly where another class is above, cross-entropy is at least log 2 there", () => {
    assert(
      property(row(), label(), (z, right) => {
        tf.tidy(() => {
          const others = z.filter((_, k) => k !== right).map(Math.fround);
          const difference = Math.fround(Math.max(...others) - Math.fround(z[right] as number));
          const logits = tf.tensor2d([z]);
          const [above] = values(margin(logits, indices(right)));
          expect(above === difference).toBe(true);
          expect(Math.sign(values(dlr(logits, indices(right)))[0] as number) === Math.sign(difference)).toBe(true);
          const [ce] = values(crossEntropy(logits, indices(right))) as [number];
          if (difference > 0) expect(ce).toBeGreaterThan(Math.log(2) - 1e-6);
          expect(ce).toBeGreaterThanOrEqual(0);
        });
      }),
    );
  });
});

describe("arguments of losses", () => {
  const z = (classes: number): Logits => tf.zeros([2, classes]);

  test("fewer classes than the loss needs are refused by name", () => {
    expect(() => margin(z(1), y())).toThrow("at least 2 classes for the margin");
    expect(() => dlr(z(2), y())).toThrow("at least 3 classes for DLR");
    expect(() => targetedDlr(z(3), y(), y())).toThrow("at least 4 classes for targeted DLR");
  });

  test("labels must be int32, one per row", () => {
    expect(() => crossEntropy(z(4), tf.tensor1d([0, 1], "float32"))).toThrow("labels");
    expect(() => crossEntropy(z(4), indices(0, 1, 2))).toThrow("labels");
    expect(() => misclassified(z(4), indices(0))).toThrow(ArgumentError);
    expect(() => targetedDlr(z(4), y(), indices(1))).toThrow("targets");
    expect(() => crossEntropy(tf.zeros([4]) as unknown as Logits, y())).toThrow("logits");
  });

  test("the two logits of KL must have one shape, and a mean something to average", () => {
    expect(() => klDivergence(z(4), z(3))).toThrow("logitsQ");
    expect(() => mean(tf.zeros([0]))).toThrow("at least one example");
  });
});
