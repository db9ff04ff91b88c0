import { ArgumentError, AwpError, type Batch, type Defense, random, type WeightAttack } from "@awp/core";
import { adversarialTraining, standardTraining } from "@awp/defenses";
import { awp, randomWeightPerturbation, weightPerturbation, withPerturbation } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, it } from "vitest";
import { type SgdOptions, sgd, stepHalves, type TrainStepOptions, trainStep } from "../../src/index";
import { noiseAttack, seededNetwork, toyBatch, weightsOf } from "../toy-network";

const used: { dispose(): void }[] = [];
afterEach(() => {
  for (const each of used.splice(0)) each.dispose();
});

function setting(options: Partial<TrainStepOptions> = {}, of: SgdOptions = {}): TrainStepOptions {
  const network = seededNetwork();
  const optimizer = sgd(of);
  used.push(network, optimizer);
  return { network, optimizer, defense: adversarialTraining({ attack: noiseAttack(2) }), ...options };
}

/** All that training moves after three steps, with the losses. */
function trained(options: TrainStepOptions, step: (batch: Batch, draw: number) => tf.Scalar): readonly number[] {
  const losses = [0, 1, 2].map((draw) => step(toyBatch({ seed: draw }), draw).dataSync()[0] as number);
  return [
    ...losses,
    ...weightsOf(options.network),
    ...weightsOf({ ...options.network, parameters: options.optimizer.state }),
  ];
}

const tables: [string, Partial<TrainStepOptions>, SgdOptions][] = [
  ["plain SGD", {}, {}],
  ["momentum and weight decay", {}, { momentum: 0.9, nesterov: true, weightDecay: 0.1 }],
  ["AWP", { weightAttack: awp({ gamma: 0.05, steps: 2 }) }, { momentum: 0.9, weightDecay: 0.1 }],
  ["AWP and decay at w", { weightAttack: awp({ gamma: 0.05 }), decayAt: "clean" }, { momentum: 0.9, weightDecay: 0.1 }],
  ["a random weight perturbation", { weightAttack: randomWeightPerturbation({ gamma: 0.1 }) }, {}],
  [
    "passes after the step",
    { defense: adversarialTraining({ attack: noiseAttack(1), auxiliaryForwards: true }) },
    { momentum: 0.9 },
  ],
];

describe("the two halves of a training step", () => {
  it("dispose the weight perturbation, whatever it holds, also when the loss throws", () => {
    let disposed = 0;
    const weightAttack: WeightAttack = () => ({ deltas: new Map(), dispose: () => void disposed++ });
    const whole = setting({ weightAttack });
    const { loss, gradients } = stepHalves(whole).gradients(toyBatch(), random(0));
    tf.dispose([loss, ...gradients.values()]);
    expect(disposed).toBe(1);

    const fails = (): never => {
      throw new Error("no loss");
    };
    const broken = setting({ weightAttack, defense: { ...whole.defense, loss: fails } });
    expect(() => stepHalves(broken).gradients(toyBatch(), random(0))).toThrow("no loss");
    expect(disposed).toBe(2);
  });

  it.each(tables)("composed by hand equal the step bit for bit: %s", (_name, options, of) => {
    const whole = setting(options, of);
    const step = trainStep(whole);
    const expected = trained(whole, (batch, draw) => step(batch, random(1).fold(draw), { learningRate: 0.1 }).loss);

    const split = setting(options, of);
    const { gradients, apply } = stepHalves(split);
    const found = trained(split, (batch, draw) => {
      const own = gradients(batch, random(1).fold(draw));
      apply(own.gradients, 0.1);
      split.defense.afterStep?.(split.network, batch);
      return own.loss;
    });
    expect(found).toEqual(expected);
    expect(found.slice(3)).not.toEqual(trained(setting(options, of), () => tf.scalar(0)).slice(3));
  });

  it.each(["perturbed", "clean"] as const)(
    "averaged over two workers are the whole batch's, with decay at %s",
    (decayAt) => {
      // Nothing is normalised over the batch in evaluation mode, and without a weight attack no v depends on the batch.
      const plain = standardTraining();
      const defense: Defense = {
        ...plain,
        loss: (network, batch, images) => plain.loss(network, batch, images, "eval"),
      };
      const whole = setting({ defense, decayAt }, { momentum: 0.9, weightDecay: 0.1 });
      const shared = setting({ defense, decayAt }, { momentum: 0.9, weightDecay: 0.1 });
      const halves = stepHalves(shared);
      for (let draw = 0; draw < 3; draw++) {
        const batch = toyBatch({ seed: draw });
        trainStep(whole)(batch, random(draw), { learningRate: 0.1 });
        const [a, b] = [0, 3].map((start) => {
          const indices = batch.indices.subarray(start, start + 3);
          const half = { images: tf.slice(batch.images, start, 3), labels: tf.slice(batch.labels, start, 3), indices };
          return halves.gradients(half, random(draw)).gradients;
        });
        halves.apply(new Map([...a!].map(([name, own]) => [name, tf.div(tf.add(own, b!.get(name)!), 2)])), 0.1);
      }
      const expected = weightsOf(whole.network);
      for (const [i, value] of weightsOf(shared.network).entries()) expect(value).toBeCloseTo(expected[i] as number, 6);
    },
  );

  it("have weight decay at w + v in the gradients, or nowhere but at w in the update", () => {
    const weightAttack = awp({ gamma: 0.1 });
    const [at, without, clean] = [
      setting({ weightAttack }, { weightDecay: 2 }),
      setting({ weightAttack }),
      setting({ weightAttack, decayAt: "clean" }, { weightDecay: 2 }),
    ].map((options) => stepHalves(options).gradients(toyBatch(), random(0)).gradients.get("fc.weight")!);
    expect(clean!.dataSync()).toEqual(without!.dataSync());
    const displaced = tf.div(tf.sub(at!, without!), 2);
    const weight = setting().network.parameters.get("fc.weight")!;
    // ‖v‖ = gamma ‖w‖ is AWP's radius.
    const ratio = tf.div(tf.norm(tf.sub(displaced, weight)), tf.norm(weight));
    expect(ratio.dataSync()[0]).toBeCloseTo(0.1, 5);
  });

  it("are plain training while the weight attack is not active", () => {
    const [off, none] = [
      stepHalves(setting({ weightAttack: awp({ gamma: 0.1 }) })).gradients(toyBatch(), random(0), {
        weightAttackActive: false,
      }),
      stepHalves(setting()).gradients(toyBatch(), random(0)),
    ];
    expect(off.loss.dataSync()).toEqual(none.loss.dataSync());
    expect(off.gradients.get("fc.weight")!.dataSync()).toEqual(none.gradients.get("fc.weight")!.dataSync());
  });

  it("leave the weights to the second half, and running statistics move in the first", () => {
    const options = setting({ weightAttack: awp({ gamma: 0.1 }) });
    const { network } = options;
    const [weights, statistics] = [
      { ...network, buffers: new Map() },
      { ...network, parameters: new Map() },
    ];
    const before = [weightsOf(weights), weightsOf(statistics)];
    const { gradients, apply } = stepHalves(options);
    const found = gradients(toyBatch(), random(0)).gradients;
    expect(weightsOf(weights)).toEqual(before[0]);
    const moved = weightsOf(statistics);
    expect(moved).not.toEqual(before[1]);
    apply(found, 0.1);
    expect(weightsOf(weights)).not.toEqual(before[0]);
    expect(weightsOf(statistics)).toEqual(moved);
  });

  it.each(["perturbed", "clean"] as const)(
    "leave the loss and the gradients to the caller, with decay at %s",
    (decayAt) => {
      const options = setting({ weightAttack: awp({ gamma: 0.1 }), decayAt }, { momentum: 0.9, weightDecay: 0.1 });
      const { gradients, apply } = stepHalves(options);
      const batch = toyBatch();
      expect(() => gradients(batch, random(0))).toAllocate(3);
      const found = gradients(batch, random(0)).gradients;
      expect(() => apply(found, 0.1)).toAllocate(0);
      expect([...found.values()].some(({ isDisposed }) => isDisposed)).toBe(false);
    },
  );

  it("take a gradient that is missing for zero", () => {
    const { network, ...others } = setting();
    const before = weightsOf(network);
    const { apply } = stepHalves({ network, ...others });
    apply(new Map([["fc.bias", tf.ones([4])]]), 0.5);
    expect(weightsOf(network)).toEqual(
      before.map((value, i) => (i < 48 || i >= 52 ? value : Math.fround(value - 0.5))),
    );
  });

  it("refuse displaced weights and what does not fit, before anything moves", () => {
    const options = setting();
    const { network } = options;
    const { gradients, apply } = stepHalves(options);
    const before = weightsOf(network);
    const batch = toyBatch();
    const fitting = new Map([["fc.bias", tf.ones([4])]]);
    withPerturbation(network.parameters, weightPerturbation(new Map([["fc.bias", tf.zeros([4])]])), () => {
      expect(() => gradients(batch, random(0))).toThrow(AwpError);
      expect(() => apply(fitting, 0.1)).toThrow(AwpError);
    });
    expect(() => gradients({ ...batch, indices: Int32Array.of(1) }, random(0))).toThrow("batch.indices");
    expect(() => apply(new Map([["other", tf.ones([4])]]), 0.1)).toThrow('gradients["other"]: got "an unknown name"');
    expect(() => apply(new Map([["fc.bias", tf.ones([1])]]), 0.1)).toThrow('gradients["fc.bias"]: got [1]');
    expect(() => apply(fitting, -0.1)).toThrow(ArgumentError);
    expect(weightsOf(network)).toEqual(before);
  });
});
