import { ArgumentError, AwpError, type Batch, type Defense, random } from "@awp/core";
import { awp, weightPerturbation, withPerturbation } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { adversarialTraining, standardTraining } from "@awp/defenses";
import { sgd, type TrainStep, type TrainStepOptions, trainStep } from "../../src/index";
import { noiseAttack, seededNetwork, type ToyNetwork, toyBatch, toyNetwork, weightsOf } from "../toy-network";

let used: { dispose(): void }[];

beforeEach(() => {
  used = [];
});

afterEach(() => {
  for (const each of used) each.dispose();
});

function using<T extends { dispose(): void }>(value: T): T {
  used.push(value);
  return value;
}

function stepOf(network: ToyNetwork, options: Partial<TrainStepOptions> = {}): TrainStep {
  const optimizer = using(sgd({ momentum: 0.9, weightDecay: 5e-4 }));
  return trainStep({ network, optimizer, defense: adversarialTraining({ attack: noiseAttack(10) }), ...options });
}

/** The weights after three steps. */
function trained(options: Partial<TrainStepOptions>): readonly number[] {
  const network = using(seededNetwork());
  const step = stepOf(network, options);
  for (let i = 0; i < 3; i++) step(toyBatch({ seed: i }), random(1).fold(i), { learningRate: 0.1 });
  return weightsOf(network);
}

describe("one trainStep on a linear network", () => {
  const batch = (): Batch => ({
    images: tf.tensor4d([1, 2, -1, 0, -1, 0.5], [2, 1, 1, 3]),
    labels: tf.tensor1d([0, 2], "int32"),
    indices: Int32Array.of(0, 1),
  });

  function linear(
    options: Partial<TrainStepOptions>,
    weightDecay: number,
  ): { weights: readonly number[]; loss: number } {
    const weight = tf.tensor2d([0.2, -0.1, 0.4, 0.3, 0.5, -0.2, -0.6, 0.1, 0.7], [3, 3]);
    const network = using(toyNetwork(weight, tf.tensor1d([0.05, -0.02, 0]), false));
    const optimizer = using(sgd({ momentum: 0.9, weightDecay }));
    const step = stepOf(network, { optimizer, defense: standardTraining(), ...options });
    const { loss } = step(batch(), random(0), { learningRate: 0.1 });
    return { weights: weightsOf(network).slice(0, 12), loss: loss.dataSync()[0] as number };
  }

  // Computed in float64 by another program.
  const v = [
    -0.0032671231, 0.0026613089, 0.0006058142, -0.0081987239, 0.0035195106, 0.0046792133, 0.0040993619, -0.0017597553,
    -0.0023396066,
  ];
  const after = [
    0.2197021189, -0.1160494387, 0.3963223198, 0.3493620877, 0.4784911389, -0.2278832265, -0.6246585438, 0.1107369306,
    0.7139116133, 0.059756689, -0.0466782318, 0.0169200428,
  ];

  it("with AWP gives the figures of the reference's algebra", () => {
    const { weights, loss } = linear({ weightAttack: awp({ gamma: 0.01 }) }, 5e-4);
    expect(loss).toBeCloseTo(0.5157699061, 6);
    for (const [i, value] of after.entries()) expect(weights[i]).toBeCloseTo(value, 6);
  });

  it("takes weight decay at w + v, or at w: lr · wd · v apart", () => {
    const weightAttack = awp({ gamma: 0.01 });
    const perturbed = linear({ weightAttack }, 2).weights;
    const clean = linear({ weightAttack, decayAt: "clean" }, 2).weights;
    for (let i = 0; i < 12; i++) {
      expect((clean[i] as number) - (perturbed[i] as number)).toBeCloseTo(0.1 * 2 * (v[i] ?? 0), 6);
    }
  });

  it("without a weight attack takes the loss at w", () => {
    expect(linear({}, 5e-4).loss).toBeCloseTo(0.5071239895, 6);
  });
});

describe("trainStep", () => {
  it("equals plain training bit for bit with gamma 0", () => {
    expect(trained({ weightAttack: awp({ gamma: 0 }) })).toEqual(trained({}));
    expect(trained({ weightAttack: awp({ gamma: 0 }), decayAt: "clean" })).toEqual(trained({}));
    expect(trained({ weightAttack: awp({ gamma: 0.01 }) })).not.toEqual(trained({}));
  });

  it("is plain training while the weight attack is not active", () => {
    const run = (weightAttackActive: boolean) => {
      const network = using(seededNetwork());
      stepOf(network, { weightAttack: awp({ gamma: 0.1 }) })(toyBatch(), random(1), {
        learningRate: 0.1,
        weightAttackActive,
      });
      return weightsOf(network);
    };
    const plain = using(seededNetwork());
    stepOf(plain)(toyBatch(), random(1), { learningRate: 0.1 });
    expect(run(false)).toEqual(weightsOf(plain));
    expect(run(true)).not.toEqual(weightsOf(plain));
  });

  it("makes the adversarial images once, from the rows' own randomness, and uses them in both passes", () => {
    const network = using(seededNetwork());
    const seen: { made: tf.Tensor[]; lost: tf.Tensor[]; rows: unknown[] } = { made: [], lost: [], rows: [] };
    const plain = standardTraining();
    const defense: Defense = {
      attack(each, batch, source) {
        const made = plain.attack(each, batch, source);
        seen.made.push(made);
        seen.rows.push(source.rows);
        return made;
      },
      loss(each, batch, adversarial, mode) {
        seen.lost.push(adversarial);
        return plain.loss(each, batch, adversarial, mode);
      },
    };
    const batch = toyBatch();
    stepOf(network, { defense, weightAttack: awp({ gamma: 0.1 }) })(batch, random(1), { learningRate: 0.1 });
    expect(seen.made).toHaveLength(1);
    expect(seen.lost).toEqual([seen.made[0], seen.made[0]]);
    expect(seen.rows).toEqual([batch.indices]);
  });

  it("depends on the random value and not on the place of the rows in the batch", () => {
    const run = (seed: number, order: number[]) => {
      const network = using(seededNetwork());
      const { images, labels, indices } = toyBatch();
      const batch = {
        images: tf.gather(images, order),
        labels: tf.gather(labels, order),
        indices: Int32Array.from(order, (row) => indices[row] as number),
      };
      stepOf(network)(batch, random(seed), { learningRate: 0.1 });
      return weightsOf(network);
    };
    const weights = run(1, [0, 1, 2, 3, 4, 5]);
    for (const [i, value] of run(1, [3, 0, 5, 1, 2, 4]).entries()) expect(value).toBeCloseTo(weights[i] as number, 5);
    expect(run(2, [0, 1, 2, 3, 4, 5])).not.toEqual(weights);
  });

  it("takes the learning rate as a tensor", () => {
    const run = (learningRate: number | tf.Scalar) => {
      const network = using(seededNetwork());
      stepOf(network)(toyBatch(), random(1), { learningRate });
      return weightsOf(network);
    };
    expect(run(tf.scalar(0.1))).toEqual(run(0.1));
  });

  it("refuses displaced weights, and batches that do not fit together", () => {
    const network = using(seededNetwork());
    const step = stepOf(network);
    const batch = toyBatch();
    const settings = { learningRate: 0.1 };
    const nothing = weightPerturbation(new Map([["fc.weight", tf.zeros([12, 4])]]));
    expect(() => withPerturbation(network.parameters, nothing, () => step(batch, random(1), settings))).toThrow(
      AwpError,
    );
    expect(() => step({ ...batch, indices: Int32Array.of(1) }, random(1), settings)).toThrow(ArgumentError);
    expect(() => step({ ...batch, labels: tf.tensor1d([1], "int32") }, random(1), settings)).toThrow(ArgumentError);
    expect(() => step(batch, random(1), { learningRate: -0.1 })).toThrow(ArgumentError);
    expect(() => step(batch, random(1), { learningRate: Number.NaN })).toThrow(ArgumentError);
    expect(() => stepOf(network, { decayAt: "somewhere" as "clean" })).toThrow(ArgumentError);
  });

  it("leaves the loss alone, also after many steps", () => {
    const network = using(seededNetwork());
    const step = stepOf(network, { weightAttack: awp({ gamma: 0.01, steps: 2 }) });
    const batch = toyBatch();
    for (let i = 0; i < 3; i++) {
      expect(() => step(batch, random(i), { learningRate: 0.1 })).toAllocate(1);
    }
  });

  it("restores the weights and leaves nothing when the loss throws", () => {
    const network = using(seededNetwork());
    const plain = standardTraining();
    const defense: Defense = {
      ...plain,
      loss: (each, batch, adversarial, mode) => {
        const loss = plain.loss(each, batch, adversarial, mode);
        if (mode === "train") throw new Error("half way");
        return loss;
      },
    };
    const before = weightsOf({ ...network, buffers: new Map() });
    const step = stepOf(network, { defense, weightAttack: awp({ gamma: 0.1 }) });
    const batch = toyBatch();
    const attempt = () => expect(() => step(batch, random(1), { learningRate: 0.1 })).toThrow("half way");
    expect(attempt).toAllocate(0);
    expect(weightsOf({ ...network, buffers: new Map() })).toEqual(before);
  });
});
