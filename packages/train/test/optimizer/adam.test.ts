import { ArgumentError, drain, type WeightAttack, type WeightPerturbation } from "@awp/core";
import { adversarialTraining } from "@awp/defenses";
import { random } from "@awp/core";
import { weightPerturbation } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, it } from "vitest";
import { adam, type AdamOptions, adamW, type Optimizer, stepHalves, train, type TrainOptions } from "../../src/index";
import { emptyMemory, memoryStore } from "../store/memory-store";
import { noiseAttack, seededNetwork, weightsOf } from "../toy-network";
import { disposeTraining, pausing, toyTraining } from "../toy-training";

const used: { dispose(): void }[] = [];
afterEach(() => {
  for (const each of used.splice(0)) each.dispose();
});

function keep<Each extends { dispose(): void }>(each: Each): Each {
  used.push(each);
  return each;
}

/** A weight of 1 after so many steps along a gradient of 1. */
function moved(optimizer: Optimizer, steps: number, learningRate = 0.1): number {
  keep(optimizer);
  const weight = keep(tf.variable(tf.scalar(1)));
  const parameters = new Map([["w", weight]]);
  for (let step = 0; step < steps; step++) {
    const decayed = optimizer.decay(parameters, new Map([["w", tf.scalar(1)]]));
    optimizer.update(parameters, decayed, learningRate);
  }
  return weight.dataSync()[0] as number;
}

describe("adam", () => {
  // Both moments' averages are those of constants, so that each step is the whole learning rate.
  it("under a constant gradient moves by the learning rate at every step", () => {
    expect(moved(adam(), 1)).toBeCloseTo(0.9, 6);
    expect(moved(adam(), 7)).toBeCloseTo(0.3, 5);
    expect(moved(adam({ betas: [0, 0.5] }), 3)).toBeCloseTo(0.7, 6);
  });

  it("divides by the root of the second moment and epsilon", () => {
    expect(moved(adam({ epsilon: 1 }), 1)).toBeCloseTo(0.95, 6);
  });

  it("keeps two moments a parameter and the number of steps, which it counts", () => {
    const weight = keep(tf.variable(tf.tensor1d([1, 2])));
    const optimizer = adam({ weightDecay: 0.1 });
    const parameters = new Map([["w", weight]]);
    const gradients = new Map([["w", tf.tensor1d([1, 1])]]);
    expect(() => optimizer.prepare(parameters)).toAllocate(3);
    expect([...optimizer.state.keys()]).toEqual(["step", "firstMoment.w", "secondMoment.w"]);
    expect(() => optimizer.decay(parameters, gradients)).toAllocate(1);
    expect(() => optimizer.update(parameters, gradients, 0.1)).toAllocate(0);
    optimizer.update(parameters, new Map(), tf.scalar(0.1), tf.scalar(0.5));
    expect(optimizer.state.get("step")?.dataSync()[0]).toBe(2);
    expect(() => optimizer.dispose()).toAllocate(-3);
  });

  it("refuses options that cannot work", () => {
    const refused: AdamOptions[] = [
      { betas: [1, 0.9] },
      { betas: [0.9, -0.1] },
      { betas: [0.9] as unknown as [number, number] },
      { epsilon: -1 },
      { weightDecay: Number.NaN },
    ];
    for (const options of refused) {
      expect(() => adam(options)).toThrow(ArgumentError);
      expect(() => adamW(options)).toThrow(ArgumentError);
    }
  });
});

describe("adamW", () => {
  it("decays by the learning rate times the strength, beside the gradient", () => {
    expect(moved(adamW({ weightDecay: 0.5 }), 1)).toBeCloseTo(1 - 0.1 * 0.5 - 0.1, 6);
    expect(moved(adamW({ weightDecay: 0.5, decays: () => false }), 1)).toBeCloseTo(0.9, 6);
  });

  it("leaves nothing of a weight perturbation in the weights", () => {
    const size = 0.3;
    /** A loss whose gradient is 1 everywhere, so that the perturbation changes nothing but the point of the decay. */
    const after = (make: (options: AdamOptions) => Optimizer, displaced: boolean, decayAt: "perturbed" | "clean") => {
      const network = keep(seededNetwork());
      const optimizer = keep(make({ weightDecay: 0.5 }));
      const weightAttack: WeightAttack = (weights): WeightPerturbation =>
        weightPerturbation(new Map([...weights].map(([name, { shape }]) => [name, tf.fill(shape, size)])));
      const sumOfWeights = () =>
        tf.tidy(() => tf.reshape(tf.addN([...network.parameters.values()].map((weight) => tf.sum(weight))), [1]));
      const defense = { ...adversarialTraining({ attack: noiseAttack(0) }), loss: sumOfWeights as () => tf.Tensor1D };
      const halves = stepHalves({ network, optimizer, defense, decayAt, ...(displaced && { weightAttack }) });
      const batch = { images: tf.zeros([1, 2, 2, 3]) as tf.Tensor4D, labels: tf.tensor1d([0], "int32") };
      const { loss, gradients } = halves.gradients({ ...batch, indices: Int32Array.of(0) }, random(0));
      halves.apply(gradients, 0.1);
      tf.dispose([loss, ...gradients.values(), batch.images, batch.labels]);
      return weightsOf(network);
    };
    const plain = after(adamW, false, "perturbed");
    expect(after(adamW, true, "perturbed")).toEqual(plain);
    expect(after(adamW, true, "clean")).toEqual(plain);
    // Decay in the gradient is that of w + v, unless told otherwise: Adam's moments see it.
    const coupled = (options: AdamOptions) => adam({ ...options, epsilon: 1 });
    expect(after(coupled, true, "perturbed")).not.toEqual(after(coupled, false, "perturbed"));
    expect(after(coupled, true, "clean")).toEqual(after(coupled, false, "clean"));
  });
});

describe("a training with Adam", () => {
  const training = (options: Partial<TrainOptions> = {}, make = adam) => {
    const toy = toyTraining(options);
    toy.optimizer.dispose();
    return keepTraining({ ...toy, optimizer: make({ weightDecay: 0.01 }) });
  };
  const keepTraining = <Each extends ReturnType<typeof toyTraining>>(toy: Each): Each => {
    keep({ dispose: () => disposeTraining(toy) });
    return toy;
  };
  const everything = ({ network, optimizer }: ReturnType<typeof training>) => [
    ...weightsOf(network),
    ...weightsOf({ ...network, parameters: optimizer.state }),
  ];

  it("goes on from a pause within an epoch bit for bit, the number of its steps too", async () => {
    const whole = training();
    await drain(train(whole));
    const memory = emptyMemory();
    await drain(train(pausing(training({ store: memoryStore(memory) }), 3)));
    const resumed = training({ store: memoryStore(memory), resume: true });
    expect((await drain(train(resumed))).paused).toBeUndefined();
    expect(everything(resumed)).toEqual(everything(whole));
  });

  it("is not resumed with another optimizer, nor with other decay groups", async () => {
    const memory = emptyMemory();
    await drain(train(training({ epochs: 1, store: memoryStore(memory) })));
    const again = { store: memoryStore(memory), resume: true };
    await expect(drain(train(training(again, adamW)))).rejects.toThrow('training.optimizer was "adam", is "adamW"');
    const grouped = (options?: AdamOptions) => adam({ ...options, decays: (name) => !name.includes("bias") });
    await expect(drain(train(training(again, grouped)))).rejects.toThrow(
      "training.undecayed.fc.bias was absent, is true",
    );
  });
});
