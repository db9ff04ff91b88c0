import { type Batch, type Defense, type Images, crossEntropy, type Mode, random, uniform } from "@awp/core";
import { adversarialTraining, standardTraining } from "@awp/defenses";
import { awp } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { compiledTrainStep, sgd, train, trainStep, type TrainStepOptions } from "../../src/index";
import { noiseAttack, seededNetwork, type ToyNetwork, toyBatch, toyNetwork, weightsOf } from "../toy-network";
import { disposeTraining, toyTraining } from "../toy-training";
import { using } from "../using";

/** A network in which no example knows of another. */
function linearNetwork(): ToyNetwork {
  const [weight, bias] = [uniform(random(2), [12, 4], -0.5, 0.5), uniform(random(3), [4], -0.1, 0.1)];
  return using(toyNetwork(weight, bias, false));
}

const atAwp = {
  defense: adversarialTraining({ attack: noiseAttack(2), attackMode: "eval" }),
  weightAttack: awp({ gamma: 0.05, steps: 2 }),
} as const;

/** Losses and weights over four steps of AT-AWP on batches of seven rows. */
function trained(microBatches: number, make = trainStep): readonly number[] {
  const network = linearNetwork();
  const optimizer = using(sgd({ momentum: 0.9, weightDecay: 1e-2 }));
  const step = make({ network, optimizer, ...atAwp, microBatches });
  const losses = [0, 1, 2, 3].map((draw) => {
    const { loss } = step(toyBatch({ seed: draw, size: 7 }), random(1).fold(draw), { learningRate: 0.1 });
    return loss.dataSync()[0] as number;
  });
  return [...losses, ...weightsOf({ ...network, buffers: optimizer.state })];
}

describe("a step in micro-batches", () => {
  it.each([2, 3, 7])("is the whole batch's on a network that normalises nothing: %i parts of seven rows", (count) => {
    const whole = trained(1);
    for (const make of [trainStep, compiledTrainStep]) {
      const parts = trained(count, make);
      for (const [i, value] of parts.entries()) expect(Math.abs(value - whole[i]!)).toBeLessThan(2e-6);
    }
  });

  it("makes the adversarial images of the whole batch, part by part, before the weight attack", () => {
    const order: string[] = [];
    const made = (microBatches: number): number[] => {
      const pixels: number[] = [];
      const defense: Defense = {
        ...atAwp.defense,
        attack(network, batch, source) {
          const images = atAwp.defense.attack(network, batch, source);
          pixels.push(...images.dataSync());
          order.push(`attack ${images.shape[0]}`);
          return images;
        },
        loss(network, batch, images, mode) {
          order.push(`${mode} ${images.shape[0]}`);
          return atAwp.defense.loss(network, batch, images, mode);
        },
      };
      const options = { network: linearNetwork(), optimizer: using(sgd()), weightAttack: awp({ gamma: 0.1 }) };
      trainStep({ ...options, defense, microBatches })(toyBatch({ size: 7 }), random(4), { learningRate: 0.1 });
      return pixels;
    };
    const whole = made(1);
    order.length = 0;
    expect(made(3)).toEqual(whole);
    const sizes = [2, 2, 3];
    expect(order).toEqual(
      ["attack", "train-frozen", "train"].flatMap((what) => sizes.map((size) => `${what} ${size}`)),
    );
  });

  it("moves running statistics once for each part, those of the passes after the step too", () => {
    const passes = (microBatches: number): Record<Mode, number> => {
      const network = using(seededNetwork());
      const defense = adversarialTraining({ attack: noiseAttack(2), attackMode: "eval", auxiliaryForwards: true });
      const step = trainStep({
        network,
        optimizer: using(sgd()),
        defense,
        weightAttack: awp({ gamma: 0.1 }),
        microBatches,
      });
      step(toyBatch(), random(0), { learningRate: 0.1 });
      const count = (mode: Mode) => network.modes.filter((each) => each === mode).length;
      return { eval: count("eval"), train: count("train"), "train-frozen": count("train-frozen") };
    };
    expect(passes(1)).toEqual({ eval: 2, train: 3, "train-frozen": 1 });
    expect(passes(3)).toEqual({ eval: 6, train: 9, "train-frozen": 3 });
  });

  it("needs less memory the more parts there are", async () => {
    const peaks: number[] = [];
    for (const microBatches of [1, 2, 4, 8]) peaks.push(await peakBytes(microBatches));
    for (const [i, peak] of peaks.entries()) {
      // Ten layers of activations, forward and backward, halve; images, weights and gradients do not.
      if (i > 0) expect(peak / peaks[i - 1]!).toBeLessThan(0.6);
    }
  });

  it("leaves its loss alone, and nothing when a part throws", () => {
    const network = linearNetwork();
    const optimizer = using(sgd({ momentum: 0.9 }));
    const step = trainStep({ network, optimizer, ...atAwp, microBatches: 3 });
    const batch = toyBatch();
    expect(() => step(batch, random(0), { learningRate: 0.1 })).toAllocate(1);
    let calls = 0;
    const plain = standardTraining();
    const defense: Defense = {
      ...plain,
      loss: (...call) => {
        if (++calls === 2) throw new Error("half way");
        return plain.loss(...call);
      },
    };
    const failing = trainStep({ network, optimizer, defense, microBatches: 3 });
    expect(() => {
      expect(() => failing(batch, random(0), { learningRate: 0.1 })).toThrow("half way");
    }).toAllocate(0);
  });

  it("refuses parts without rows, before anything moves", () => {
    const network = linearNetwork();
    const options: TrainStepOptions = { network, optimizer: using(sgd()), ...atAwp, microBatches: 7 };
    const before = weightsOf(network);
    const wanted = "microBatches: got 7, want at most 6, the rows of the batch";
    expect(() => trainStep(options)(toyBatch(), random(0), { learningRate: 0.1 })).toThrow(wanted);
    const compiled = using(compiledTrainStep(options));
    expect(() => compiled(toyBatch(), random(0), { learningRate: 0.1 })).toThrow(wanted);
    expect(weightsOf(network)).toEqual(before);
    for (const microBatches of [0, 1.5]) {
      expect(() => trainStep({ ...options, microBatches })).toThrow(
        expect.objectContaining({ argument: "microBatches" }),
      );
    }
  });
});

describe("a training in micro-batches", () => {
  it("takes the option of its steps", async () => {
    const training = { ...toyTraining({ epochs: 1, microBatches: 3 }), defense: standardTraining() };
    for await (const event of train(training)) if (event.kind === "epoch") expect(event.loss).toBeGreaterThan(0);
    expect(training.network.modes.filter((mode) => mode === "train")).toHaveLength(2 * 3);
    disposeTraining(training);
  });
});

/** The most bytes that a step on 32 rows holds beyond what was there, on a network of ten layers. */
async function peakBytes(microBatches: number): Promise<number> {
  const width = 16;
  const kernels = Array.from({ length: 10 }, (_, layer) => uniform(random(layer), [width, width], -0.2, 0.2));
  const parameters = new Map(kernels.map((kernel, layer) => [`layer${layer}`, tf.variable(kernel)]));
  const spread = (x: Images): tf.Tensor3D => tf.tile(tf.reshape(x, [-1, 1, width]), [1, 64, 1]);
  const forward = (x: Images): tf.Tensor2D =>
    tf.tidy(() => {
      let hidden: tf.Tensor = tf.reshape(spread(x), [-1, width]);
      for (const kernel of parameters.values()) hidden = tf.tanh(tf.matMul(hidden, kernel));
      return tf.mean(tf.reshape(hidden, [-1, 64, width]), 1);
    });
  const optimizer = sgd();
  const defense: Defense = {
    attack: (_network, { images }) => tf.clone(images),
    loss: (network, { labels }, images, mode) => tf.tidy(() => crossEntropy(network.forward(images, mode), labels)),
  };
  const options = { network: { parameters, buffers: new Map(), forward }, optimizer, defense };
  const step = trainStep({ ...options, weightAttack: awp({ gamma: 0.01 }), microBatches });
  const batch: Batch = {
    images: uniform(random(1), [32, 2, 2, 4]) as Images,
    labels: tf.zeros<tf.Rank.R1>([32], "int32"),
    indices: Int32Array.from({ length: 32 }, (_, row) => row),
  };
  const before = tf.memory().numBytes;
  const { peakBytes: peak } = await tf.profile(() => step(batch, random(0), { learningRate: 0.1 }).loss);
  tf.dispose([...parameters.values()]);
  optimizer.dispose();
  return peak - before;
}
