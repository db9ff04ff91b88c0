/** What a page gets of a package, or of some of its exports: minified and compressed, core's share included, TensorFlow.js aside. */
const budget = (directory, limit, imported) => ({
  name: `@awp/${directory} ${imported ?? ""}`.trim(),
  path: `packages/${directory}/dist/index.js`,
  ...(imported && { import: imported }),
  ignore: ["@tensorflow/*"],
  limit,
});

export default [
  budget("core", "11 kB"),
  budget("core", "3 kB", "{ useBackend }"),
  budget("data", "5 kB"),
  budget("models", "9 kB"),
  budget("models", "4 kB", "{ smallCnn }"),
  budget("models", "3 kB", "{ fromLayersModel }"),
  budget("attacks", "23 kB"), // every attack of AutoAttack, and its driver
  budget("attacks", "7 kB", "{ pgd }"),
  budget("perturb", "6 kB"),
  budget("defenses", "2 kB"),
  budget("train", "13 kB"),
];
