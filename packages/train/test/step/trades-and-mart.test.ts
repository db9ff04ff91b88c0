import { klObjective, pgd } from "@awp/attacks";
import { type Defense, type Mode, perExampleNorm, random, uniform, type WeightAttack } from "@awp/core";
import { mart, standardTraining, trades } from "@awp/defenses";
import { awp, randomWeightPerturbation, weightPerturbation } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { compiledTrainStep, sgd, trainStep, type TrainStepOptions } from "../../src/index";
import { noiseAttack, seededNetwork, type ToyNetwork, toyBatch, toyNetwork, weightsOf } from "../toy-network";
import { using } from "../using";

const attack = noiseAttack(3);
const weightAttacks = {
  nothing: undefined,
  awp: awp({ gamma: 0.05 }),
  randomWeightPerturbation: randomWeightPerturbation({ gamma: 0.05 }),
} as const;

interface Trained {
  readonly network: ToyNetwork;
  readonly losses: readonly number[];
}

/** Three steps with the defense, of seven rows each. */
function trained(
  defense: Defense,
  options: Partial<TrainStepOptions> & { readonly network: ToyNetwork },
  make = trainStep,
): Trained {
  const optimizer = using(sgd({ momentum: 0.9, weightDecay: 1e-2 }));
  const step = make({ defense, optimizer, ...options });
  const losses = [0, 1, 2].map((draw) => {
    const { loss } = step(toyBatch({ seed: draw, size: 7 }), random(1).fold(draw), { learningRate: 0.1 });
    return loss.dataSync()[0] as number;
  });
  return { network: options.network, losses };
}

/** Losses and weights, without the running statistics, which each forward pass moves. */
const figures = ({ network, losses }: Trained): number[] => [
  ...losses,
  ...weightsOf({ ...network, buffers: new Map() }),
];

/** A network in which no example knows of another. */
function linearNetwork(): ToyNetwork {
  const [weight, bias] = [uniform(random(2), [12, 4], -0.5, 0.5), uniform(random(3), [4], -0.1, 0.1)];
  return using(toyNetwork(weight, bias, false));
}

const count = (modes: readonly Mode[], wanted: Mode): number => modes.filter((mode) => mode === wanted).length;

describe("the running statistics move", () => {
  it.each([
    ["trades", trades({ attack }), 2, 2],
    ["trades as its reference passes", trades({ attack, auxiliaryForwards: true }), 3, 2],
    ["mart", mart({ attack }), 2, 2],
  ] as const)("with %s: %#", (_name, defense, moves, frozen) => {
    for (const [name, weightAttack] of Object.entries(weightAttacks)) {
      const { network } = trained(defense, { network: using(seededNetwork()), ...(weightAttack && { weightAttack }) });
      expect(count(network.modes, "train"), name).toBe(3 * moves);
      expect(count(network.modes, "eval"), name).toBe(3 * 3);
      expect(count(network.modes, "train-frozen"), name).toBe(name === "awp" ? 3 * frozen : 0);
    }
  });
});

describe.each([
  ["trades", trades({ attack, beta: 6 })],
  ["mart", mart({ attack, beta: 5 })],
] as const)("a step of %s", (_name, defense) => {
  it("gives its own loss to the weight attack, on the images of the outer step", () => {
    const seen: number[] = [];
    const images: tf.Tensor4D[] = [];
    const spied: Defense = {
      ...defense,
      loss: (network, batch, adversarial, mode) => {
        images.push(tf.keep(tf.clone(adversarial)));
        return defense.loss(network, batch, adversarial, mode);
      },
    };
    const still: WeightAttack = (_weights, loss) => {
      seen.push(tf.tidy(() => loss().dataSync()[0] as number));
      return weightPerturbation(new Map());
    };
    const { losses } = trained(spied, { network: using(seededNetwork()), weightAttack: still });
    expect(seen).toEqual(losses);
    for (const [i, each] of images.entries()) expect(each.dataSync()).toEqual(images[i - (i % 2)]!.dataSync());
    tf.dispose(images);
  });

  it.each(["nothing", "awp", "randomWeightPerturbation"] as const)(
    "with %s is the same in micro-batches and compiled",
    (name) => {
      const weightAttack = weightAttacks[name];
      const options = weightAttack && { weightAttack };
      const whole = figures(trained(defense, { network: linearNetwork(), ...options }));
      expect(whole.every(Number.isFinite)).toBe(true);
      const compile = (given: TrainStepOptions) => using(compiledTrainStep(given));
      const compiled = trained(defense, { network: linearNetwork(), ...options }, compile);
      expect(figures(compiled)).toEqual(whole);
      for (const make of [trainStep, compile]) {
        const parts = figures(trained(defense, { network: linearNetwork(), ...options, microBatches: 3 }, make));
        for (const [i, value] of parts.entries()) expect(Math.abs(value - whole[i]!)).toBeLessThan(5e-6);
      }
    },
  );
});

describe("trades at beta 0", () => {
  it("trains as standard training does, with AWP too", () => {
    for (const weightAttack of [undefined, awp({ gamma: 0.05 })]) {
      const [robust, standard] = [trades({ attack, beta: 0 }), standardTraining()].map((defense) =>
        figures(trained(defense, { network: linearNetwork(), ...(weightAttack && { weightAttack }) })),
      );
      expect(robust).toEqual(standard);
    }
  });
});

describe("the inner maximization of TRADES", () => {
  const inner = (norm: "linf" | "l2", epsilon: number) =>
    trades({
      attack: pgd({ norm, epsilon, stepSize: epsilon / 4, steps: 10, start: "gaussian", objective: klObjective() }),
    });

  it.each([
    ["linf", 8 / 255],
    ["l2", 0.5],
  ] as const)("raises the divergence inside the %s ball and the box", (norm, epsilon) => {
    const network = linearNetwork();
    const given = toyBatch({ size: 7 });
    const x = inner(norm, epsilon).attack(network, given, random(0).forRows(given.indices));
    const distances = perExampleNorm(tf.sub(x, given.images), norm).dataSync();
    for (const distance of distances) {
      expect(distance).toBeLessThanOrEqual(epsilon * (1 + 1e-5));
      expect(distance).toBeGreaterThan(epsilon / 2);
    }
    expect(tf.min(x).dataSync()[0]).toBeGreaterThanOrEqual(0);
    expect(tf.max(x).dataSync()[0]).toBeLessThanOrEqual(1);
    const robust = (images: tf.Tensor4D) =>
      trades({ attack, beta: 1 }).loss(network, given, images, "eval").dataSync()[0]!;
    expect(robust(x)).toBeGreaterThan(robust(given.images) + 1e-3);
  });

  it.each(["linf", "l2"] as const)("meets no NaN in %s where the network answers all images alike", (norm) => {
    const network = using(toyNetwork(tf.zeros([12, 4]), tf.zeros([4])));
    const { losses } = trained(inner(norm, 0.5), { network, weightAttack: awp({ gamma: 0.05 }) });
    expect([...losses, ...weightsOf(network)].every(Number.isFinite)).toBe(true);
    expect(losses[0]).toBeCloseTo(Math.log(4), 5);
  });
});
