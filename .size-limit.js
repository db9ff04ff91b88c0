/*
 * What differentiates brings 5 kB of core's: the gradients of TensorFlow.js that it mends and those that wasm lacks, which
 * a page with a backend of its own must have at the first gradient, without a wait.
 */

/** What a page gets of a package, or of some of its exports: minified and compressed, core's share included, TensorFlow.js aside. */
const budget = (directory, limit, imported) => ({
  name: `@awp/${directory} ${imported ?? ""}`.trim(),
  path: `packages/${directory}/dist/index.js`,
  ...(imported && { import: imported }),
  ignore: ["@tensorflow/*"],
  limit,
});

export default [
  budget("core", "16 kB"),
  budget("core", "8 kB", "{ useBackend }"),
  budget("core", "1.8 kB", "{ crossEntropy }"),
  budget("core", "2.5 kB", "{ random, uniform }"),
  budget("data", "6.5 kB"),
  budget("data", "2.3 kB", "{ batches }"),
  budget("models", "18.5 kB"), // half of it is the table of RobustBench's models
  budget("models", "4.1 kB", "{ smallCnn }"),
  budget("models", "4.9 kB", "{ preActResNet18 }"),
  budget("models", "4.9 kB", "{ wideResNet }"),
  budget("models", "5.2 kB", "{ dmWideResNet }"),
  budget("models", "3 kB", "{ fromLayersModel }"),
  budget("attacks", "28 kB"), // every attack of AutoAttack, and its driver
  budget("attacks", "12 kB", "{ fgsm }"),
  budget("attacks", "12 kB", "{ pgd }"),
  budget("attacks", "21.5 kB", "{ autoAttack }"),
  budget("attacks", "2.4 kB", "{ evaluate }"),
  budget("perturb", "11.1 kB"),
  budget("perturb", "10 kB", "{ awp }"),
  budget("perturb", "1.9 kB", "{ withPerturbation }"),
  budget("defenses", "4 kB"),
  budget("defenses", "2.1 kB", "{ adversarialTraining }"),
  budget("defenses", "2.5 kB", "{ trades }"),
  budget("train", "23 kB"),
  budget("train", "20 kB", "{ train }"),
  budget("train", "12.5 kB", "{ trainStep, sgd }"),
  budget("landscape", "7.6 kB", "{ landscape, randomDirection }"),
  budget("landscape", "35 kB"), // with ml-matrix, for the eigenvectors of `trajectory`
  budget("distributed", "6 kB"),
  budget("recipes", "28 kB", "{ pipeline, recipes }"),
  budget("report", "8 kB"),
];
