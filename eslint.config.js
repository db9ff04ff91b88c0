import eslint from "@eslint/js";
import tseslint from "typescript-eslint";
import { chainedOps } from "./tooling/chained-ops.js";
import { docSubject } from "./tooling/doc-subject.js";

const hostRead =
  "Reading a tensor back waits for the device: keep it on the device, or give the reason where it is allowed.";
const hiddenRandom = "Randomness is an argument: draw from a Random of @awp/core.";
const randomOps = [
  "randomUniform",
  "randomUniformInt",
  "randomNormal",
  "randomStandardNormal",
  "randomGamma",
  "truncatedNormal",
  "multinomial",
  "dropout",
];

export default tseslint.config(
  {
    ignores: [
      "**/dist/",
      "**/coverage/",
      "**/runs/",
      "!packages/cli/*/runs/",
      ".turbo/",
      ".readme-blocks/",
      "**/*.config.ts",
      "**/*.js",
      "**/*.cjs",
      "**/*.mjs",
    ],
  },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    // One program of all packages: a program for each would check the sources that they share once for each.
    languageOptions: { parserOptions: { project: "tsconfig.lint.json", tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowArray: true, allowNumber: true }],
      // An index inside the bounds needs the assertion under noUncheckedIndexedAccess.
      "@typescript-eslint/no-non-null-assertion": "off",
      // Arguments are checked at the boundary whatever their types promise, and TensorFlow.js's types promise too much.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // Its fix for an argument of a generic type does not compile, and TensorFlow.js's types leave the rank open.
      "@typescript-eslint/no-unnecessary-type-assertion": "off",
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-meaningless-void-operator": "off",
      // A comma hides an effect behind a value.
      "no-sequences": ["error", { allowInParentheses: false }],
    },
  },
  { files: ["site/**"], languageOptions: { parserOptions: { project: "site/tsconfig.json" } } }, // has the DOM's types
  {
    files: ["**/test/**"],
    rules: {
      "max-lines": ["error", 250],
      "@typescript-eslint/no-misused-spread": ["error", { allow: ["string"] }],
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/use-unknown-in-catch-callback-variable": "off",
    },
  },
  {
    files: ["packages/*/src/**", "examples/*/src/**", "goldens/src/**", "bench/src/**", "tooling/**", "site/**"],
    plugins: { house: { rules: { "chained-ops": chainedOps, "doc-subject": docSubject } } },
    rules: {
      "house/doc-subject": "error",
      "max-lines": ["error", 250],
      "no-restricted-properties": ["error", { object: "Math", property: "random", message: hiddenRandom }],
    },
  },
  {
    files: ["packages/*/src/**"],
    ignores: ["packages/testing/**"],
    rules: {
      "house/chained-ops": "error",
      "no-console": "error",
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "^\\.{1,2}/?(index)?$|/index$", message: "Import the file itself." }] },
      ],
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: hiddenRandom },
        ...randomOps.map((property) => ({ object: "tf", property, message: hiddenRandom })),
        { object: "tf", property: "sign", message: "On wasm it is 0 below 1e-7: take sign of @awp/core." },
      ],
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Named exports only." },
        { selector: "ExportAllDeclaration", message: "List the exports by name." },
        { selector: "CallExpression[callee.property.name=/^(data|array|buffer|bytes)Sync$/]", message: hostRead },
      ],
    },
  },
);
