/** The packages that a package's sources may import, itself aside; siblings on a storey never meet. */
const foundations = {
  core: [],
  data: ["core"],
  models: ["core"],
  attacks: ["core"],
  perturb: ["core"],
  defenses: ["core"],
  train: ["core", "perturb"],
  landscape: ["core", "perturb"],
  report: ["core"],
  distributed: ["core", "train"],
  recipes: ["core", "data", "models", "attacks", "perturb", "defenses", "train"],
};

/** The folders of a package that a folder of it may import, itself aside; what is not named here is not bound. */
const rooms = {
  core: {
    geometry: [],
    weights: [],
    random: ["kernel"],
    kernel: [],
    loss: ["kernel"],
    gradient: ["backend"],
    backend: [],
    bytes: [],
    pickle: ["bytes"],
  },
  data: {
    augmentation: ["dataset"],
    synthetic: ["dataset"],
    "node/numpy": [],
  },
  attacks: {
    engine: [],
    objective: ["engine"],
    gradient: ["engine", "objective"],
    apgd: ["engine", "objective"],
    "minimal-norm": ["engine", "objective"],
    query: ["engine", "objective"],
    evaluate: ["engine", "objective", "gradient", "query"],
    "auto-attack": ["engine", "objective", "apgd", "minimal-norm", "query"],
  },
  models: {
    architecture: [],
    adapted: [],
    robustbench: ["architecture"],
  },
  train: {
    optimizer: [],
    step: ["optimizer"],
    average: ["optimizer"],
    store: ["optimizer", "step", "average"],
  },
  landscape: {
    direction: [],
    sharpness: ["direction"],
  },
  report: {
    theme: [],
    data: [],
    figure: ["data"],
  },
};

const roof = "(examples|bench|goldens|packages/cli)/";

/** Packages for Node alone, which no page loads. */
const nodeOnly = "testing|backend-torch|cli";

const storeys = Object.entries(foundations).map(([name, below]) => ({
  name: `${name}-stands-on-${below.join("-and-") || "the-ground"}`,
  severity: "error",
  from: { path: `^packages/${name}/src/` },
  to: { path: `^(packages/|${roof})`, pathNot: `^packages/(${[name, ...below].join("|")})/` },
}));

const walls = Object.entries(rooms).flatMap(([name, folders]) =>
  Object.entries(folders).map(([folder, others]) => ({
    name: `${name}/${folder}-knows-${["its-own", ...others].join("-and-")}`,
    severity: "error",
    from: { path: `^packages/${name}/src/${folder}/` },
    to: { path: `^packages/${name}/src/[^/]+/`, pathNot: `^packages/${name}/src/(${[folder, ...others].join("|")})/` },
  })),
);

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^@tensorflow/tfjs-node" },
    },
    ...storeys,
    ...walls,
    {
      name: "node-behind-its-door",
      comment: "What needs Node lies in node/ and is reached through node.ts alone: the root bundles for a browser.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/", pathNot: `^packages/(${nodeOnly})/|/src/node(/|\\.ts$)` },
      to: { path: "/src/node(/|\\.ts$)" },
    },
    {
      name: "no-builtins-outside-node",
      severity: "error",
      from: { path: "^packages/[^/]+/src/", pathNot: `^packages/(${nodeOnly})/|/src/node(/|\\.ts$)` },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "testing-knows-no-package",
      severity: "error",
      from: { path: "^packages/testing/" },
      to: { path: `^(packages/|${roof})`, pathNot: "^packages/testing/" },
    },
    {
      name: "the-backend-knows-types-alone",
      comment: "The contract of the kernels; not a line of code.",
      severity: "error",
      from: { path: "^packages/backend-torch/src/" },
      to: { path: "^packages/(?!backend-torch/)", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "enter-by-the-door",
      comment: "Another package's files are reached through its doors alone: the root, and node or authoring.",
      severity: "error",
      from: { path: "^(packages/[^/]+|examples/[^/]+|bench|goldens)/" },
      to: { path: "^packages/[^/]+/src/", pathNot: ["^$1/", "^packages/[^/]+/src/(index|node|authoring)\\.ts$"] },
    },
    {
      name: "tfjs-core-only",
      comment: "Which backend and which gradients are loaded is decided in core's choice of backend, nowhere else.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/", pathNot: `^packages/(core/src/backend|${nodeOnly})/` },
      to: { path: "@tensorflow/", pathNot: "@tensorflow/tfjs-core/" },
    },
    {
      name: "a-file-is-named-for-its-idea",
      comment: "In kebab-case, and never an attic.",
      severity: "error",
      from: {},
      to: {
        path: ["/src/[^.]*[A-Z_]", "/(utils?|helpers?|common|misc|types)\\.ts$"],
        pathNot: "node_modules",
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    exclude: { path: "^(packages/[^/]+|site)/dist/|^site/\\.vitepress/(\\.temp|cache)/|\\.config\\.ts$" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@awp/source", "import", "require", "node", "default", "types"],
      extensions: [".ts", ".js", ".mjs", ".cjs", ".json"],
    },
  },
};
