import { type Recipe, recipeNamed } from "@awp/recipes";
import { describe, expect, test } from "vitest";
import { printConfig } from "../../src/train/config/print";
import { followedNames, valuesOf } from "../../src/train/config/from-recipe";
import { resolveConfig } from "../../src/train/config/resolve";
import { recipeOf } from "../../src/train/recipe-of";
import { awp } from "../written";

/** What the command leaves to itself: it evaluates on a validation split, by the attack of the training. */
const without = (recipe: Recipe): Recipe => ({ ...recipe, evaluation: null });

describe("--recipe", () => {
  test.each(followedNames)("%s trains as the recipe says", (name) => {
    const config = resolveConfig(undefined, {}, valuesOf(name));
    const [method] = config.methods;
    const followed = recipeOf(config, method as (typeof config.methods)[number]);
    // A recipe leaves out what it does not have; a configuration has it all.
    const { schedule, regularization, ...rest } = recipeNamed(name);
    expect(without(followed)).toEqual({
      ...without({ schedule, ...rest }),
      schedule: { factor: 0.1, perEpoch: false, ...schedule },
      regularization: { l1: 0, l2: 0, labelSmoothing: 0, mixup: 0, ...regularization },
    });
    expect(config.methods).toHaveLength(1);
  });

  test("stands below the options, and prints as a configuration", async () => {
    const { code, stdout } = await awp(
      ...["train", "--print-config", "--recipe", "trades-awp/cifar10/linf", "--epochs", "3"],
    );
    const config = resolveConfig(undefined, { epochs: 3 }, valuesOf("trades-awp/cifar10/linf"));
    expect([code, stdout]).toEqual([0, printConfig(config)]);
    expect(stdout).toMatch(/methods: \[trades-awp\].*gamma: 0.005/s);
  });

  test.each([
    [["--recipe", "trades-awp"], "one of at/cifar10/linf"],
    [["--recipe", "at/svhn/linf", "--resume"], "--recipe is of a new run"],
    [["--recipe", "at/svhn/linf", "--download"], "--download: CIFAR-10 or CIFAR-100"],
  ])("as %j cannot be meant", async (args, message) => {
    const { code, stderr } = await awp("train", ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
