import { describe, expect, it } from "vitest";
import { type Recipe, recipes, schedules } from "../../src/index";

const { plain, awp } = recipes.at;
const each = Object.values(plain).flatMap((norms) => Object.values(norms));

// From the reference's scripts and shipped training logs.
describe("recipes", () => {
  it("share what the reference's runs share", () => {
    expect(each).toHaveLength(6);
    for (const recipe of each) {
      expect(recipe.optimizer).toEqual({ momentum: 0.9, nesterov: false, weightDecay: 5e-4 });
      expect(recipe).toMatchObject({ batchSize: 128, attackMode: "train", auxiliaryForwards: true });
      expect([recipe.attack.steps, recipe.evaluation.steps, recipe.schedule.epochs]).toEqual([10, 20, 200]);
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

  it("name a schedule that can be made", () => {
    const { name, learningRate, epochs } = awp.cifar10.linf.schedule;
    expect(schedules[name]({ learningRate, epochs })(100)).toBe(0.01);
  });
});
