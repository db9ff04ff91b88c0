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
  budget("data", "6.1 kB"),
  budget("models", "9 kB"),
  budget("models", "4 kB", "{ smallCnn }"),
  budget("models", "3 kB", "{ fromLayersModel }"),
  budget("attacks", "27 kB"), // every attack of AutoAttack, and its driver
  budget("attacks", "12 kB", "{ pgd }"),
  budget("perturb", "11 kB"),
  budget("defenses", "4 kB"),
  budget("train", "23 kB"),
  budget("landscape", "7 kB", "{ landscape, randomDirection }"),
  budget("report", "8 kB"),
];
