/** What a package, or some of its exports, weighs minified and compressed, without what it stands on. */
const budget = (directory, limit, imported) => ({
  name: `@awp/${directory} ${imported ?? ""}`.trim(),
  path: `packages/${directory}/dist/index.js`,
  ...(imported && { import: imported }),
  ignore: ["@awp/*", "@tensorflow/*", "node:*"],
  limit,
});

export default [
  budget("core", "11 kB"),
  budget("core", "3 kB", "{ useBackend }"),
  budget("data", "8 kB"),
  budget("models", "4 kB"),
  budget("models", "2 kB", "{ smallCnn }"),
  budget("attacks", "16 kB"), // every attack of AutoAttack, and its driver
  budget("attacks", "3 kB", "{ pgd }"),
  budget("perturb", "3 kB"),
  budget("defenses", "8 kB"),
];
