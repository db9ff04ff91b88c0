const storey1 = "data|models|attacks|perturb";

/** The layering law: core ← {data, models, attacks, perturb} ← defenses ← examples, bench, goldens. */
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^@tensorflow/tfjs-node" },
    },
    {
      name: "core-stands-on-the-ground",
      severity: "error",
      from: { path: "^packages/core/src/" },
      to: { path: "^(packages|examples|bench|goldens)/", pathNot: "^packages/core/" },
    },
    {
      name: "siblings-do-not-meet",
      comment: "A storey-1 package knows core alone; contracts that siblings share are types in core.",
      severity: "error",
      from: { path: `^packages/(${storey1})/src/` },
      to: { path: "^(packages|examples|bench|goldens)/", pathNot: "^packages/(core|$1)/" },
    },
    {
      name: "defenses-stand-on-core-and-perturb",
      severity: "error",
      from: { path: "^packages/defenses/src/" },
      to: { path: "^(packages|examples|bench|goldens)/", pathNot: "^packages/(core|perturb|defenses)/" },
    },
    {
      name: "testing-knows-no-package",
      severity: "error",
      from: { path: "^packages/testing/" },
      to: { path: "^(packages|examples|bench|goldens)/", pathNot: "^packages/testing/" },
    },
    {
      name: "enter-by-the-door",
      comment: "Another package's files are reached through its index alone.",
      severity: "error",
      from: { path: "^(packages/[^/]+|examples/[^/]+|bench|goldens)/" },
      to: { path: "^packages/[^/]+/src/", pathNot: ["^$1/", "^packages/[^/]+/src/index\\.ts$"] },
    },
    {
      name: "tfjs-core-only",
      comment: "Which backend and which gradients are loaded is decided in core's choice of backend, nowhere else.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/", pathNot: "^packages/(core/src/backend|testing/|backend-torch/)" },
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
    exclude: { path: "^packages/[^/]+/dist/|\\.config\\.ts$" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@awp/source", "import", "require", "node", "default", "types"],
      extensions: [".ts", ".js", ".mjs", ".cjs", ".json"],
    },
  },
};
