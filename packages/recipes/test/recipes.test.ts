import { describe, expect, it } from "vitest";
import { schedules } from "@awp/train";
import { type Recipe, recipeNamed, recipeNames, recipes } from "../src/index";
import { momentumScheduleOf, scheduleOf } from "../src/schedule-of";

const { at: plain, "at-awp": awp } = recipes;
const each = Object.values(plain).flatMap((norms) => Object.values(norms));

// From the reference's scripts and shipped training logs.
describe("recipes", () => {
  it("share what the reference's runs share", () => {
    expect(each).toHaveLength(6);
    for (const recipe of each) {
      expect(recipe.optimizer).toEqual({ momentum: 0.9, nesterov: false, weightDecay: 5e-4 });
      expect(recipe).toMatchObject({ batchSize: 128, attack: { mode: "train" }, defense: { auxiliaryForwards: true } });
      expect([recipe.attack.steps, recipe.evaluation?.steps, recipe.epochs]).toEqual([10, 20, 200]);
    }
  });

  it("differ by data set and norm as the reference's do", () => {
    const of = ({ threat, attack, schedule }: Recipe) => [
      threat.epsilon * 255,
      attack.stepSize * 255,
      schedule.learningRate,
    ];
    expect(of(plain.cifar10.linf)).toEqual([8, 2, 0.1]);
    expect(of(plain.cifar100.l2)).toEqual([128, 15, 0.1]);
    expect(of(plain.svhn.linf)).toEqual([8, 1, 0.01]);
    expect(plain.cifar10.linf.augmentation.map(({ kind }) => kind)).toEqual(["pad-crop", "flip"]);
    expect(plain.svhn.linf.augmentation).toEqual([]);
  });

  it("name the channel statistics of their data set", () => {
    for (const [dataset, norms] of [...Object.entries(plain), ...Object.entries(awp)]) {
      expect([norms.linf.normalization, norms.l2.normalization]).toEqual([dataset, dataset]);
    }
  });

  it("add AWP and nothing else", () => {
    const warmups = Object.entries(awp).map(([name, { linf, l2 }]) => {
      expect({ ...linf, weightPerturbation: null }).toEqual(plain[name as keyof typeof plain].linf);
      expect([linf.weightPerturbation?.gamma, l2.weightPerturbation?.gamma]).toEqual([0.01, 0.01]);
      return [name, linf.weightPerturbation?.warmupEpochs, l2.weightPerturbation?.warmupEpochs];
    });
    expect(warmups).toEqual([
      ["cifar10", 0, 0],
      ["cifar100", 0, 0],
      ["svhn", 5, 0],
    ]);
  });

  it("are found by the name of their method, data set and norm", () => {
    expect(recipeNamed("at-awp/svhn/l2")).toBe(awp.svhn.l2);
    expect(new Set(recipeNames).size).toBe(recipeNames.length);
    expect(() => recipeNamed("at-awp/svhn")).toThrow('recipe: got "at-awp/svhn", want at/cifar10/linf, ');
  });
});

describe("the recipes of TRADES", () => {
  const { trades: without, "trades-awp": withAwp } = recipes;

  it("are the reference's in steps, radii, warm-up and passes", () => {
    const { linf, l2 } = withAwp.cifar10;
    expect([linf.threat.epsilon * 255, linf.attack.stepSize * 255, linf.attack.steps]).toEqual([8, 2, 10]);
    expect([l2.threat.epsilon * 255, l2.attack.stepSize * 255]).toEqual([128, expect.closeTo(25.6, 9)]);
    expect(linf.attack).toMatchObject({ start: "gaussian", startScale: 0.001 });
    expect(linf.defense).toEqual({ kind: "trades", beta: 6, auxiliaryForwards: true });
    expect([linf.batchSize, linf.attack.mode]).toEqual([128, "eval"]);
    expect(linf.weightPerturbation).toEqual({ direction: "gradient", gamma: 0.005, warmupEpochs: 9 });
    expect(linf.augmentation).toEqual([{ kind: "pad-crop", padding: 4, mode: "zero" }, { kind: "flip" }]);
    expect(withAwp.cifar100).toEqual(withAwp.cifar10);
  });

  it("differ by AWP and nothing else", () => {
    for (const dataset of ["cifar10", "cifar100"] as const) {
      for (const norm of ["linf", "l2"] as const) {
        expect({ ...withAwp[dataset][norm], weightPerturbation: null }).toEqual(without[dataset][norm]);
      }
    }
  });

  it("drop their rate with the first step of the 100th and the 150th epoch", () => {
    const { schedule, epochs } = without.cifar10.linf;
    const rate = schedules.multiStep({ ...schedule, epochs });
    const steps = 391;
    // A step's t is that of its end; epochs are counted from 0.
    expect([98 + steps / steps, 99 + 1 / steps].map(rate)).toEqual([0.1, 0.1 * 0.1]);
    expect([148 + steps / steps, 149 + 1 / steps].map(rate)).toEqual([0.1 * 0.1, expect.closeTo(0.001, 12)]);
  });
});

// From the authors' scripts, which count epochs from 1 and perturb from the tenth on.
describe("the recipes whose AWP warms up", () => {
  it("begin in the tenth epoch", () => {
    const runs = [recipes["trades-awp"], recipes["rst-awp"], recipes["dkl-awp"]];
    for (const { cifar10 } of runs) {
      expect(cifar10.linf.weightPerturbation).toEqual({ direction: "gradient", gamma: 0.005, warmupEpochs: 9 });
    }
  });
});

describe("the recipes of schedules by epoch", () => {
  it("have the rates and momenta of the authors' scripts", () => {
    const { rst, dmat } = recipes;
    const at = (recipe: Recipe, t: number): number => scheduleOf(recipe, 100)(t);
    // lr/2 · (1 + cos(π (e − 1) / 200)) in epoch e, throughout.
    for (const t of [100.01, 101]) expect(at(rst.cifar10.linf, t)).toBeCloseTo(0.05 * (1 + Math.cos(Math.PI / 2)), 12);
    expect(at(rst.cifar10.linf, 0.01)).toBe(0.1);
    // The largest rate in the tenth of 400 epochs, a 25th of it in the first, and the momentum the other way round.
    expect([at(dmat.cifar10.linf, 0.5), at(dmat.cifar10.linf, 9.5)]).toEqual([expect.closeTo(0.008, 12), 0.2]);
    const momentum = momentumScheduleOf(dmat.cifar10.linf, 100);
    expect([momentum?.(0.5), momentum?.(9.5)]).toEqual([0.95, 0.85]);
  });
});
