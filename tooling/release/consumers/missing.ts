import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "../project";
import { attempt } from "../results";

interface Want {
  /** What is not there. */
  readonly missing: string;
  /** An ES module that needs it. */
  readonly code: string;
  /** What the error must say. */
  readonly remedy: string;
}

const useBackend = (name: string): string =>
  `import("@awp/core").then(({ useBackend }) => useBackend("${name}")).catch((error) => { console.error(error.message); process.exit(1); })`;
const imageFolder = `import("node:fs").then(async ({ mkdirSync, writeFileSync }) => {
  mkdirSync("images/cat", { recursive: true });
  writeFileSync("images/cat/1.png", "");
  const { imageFolder } = await import("@awp/data/node");
  await imageFolder({ directory: "images", size: 8 });
})`;

/** What packages need that is optional, or that a user may have left out. */
const wants: Readonly<Record<string, readonly Want[]>> = {
  "@awp/core": [
    { missing: "@awp/backend-torch", code: useBackend("torch"), remedy: "npm install @awp/backend-torch" },
    {
      missing: "@tensorflow/tfjs-node",
      code: useBackend("tensorflow"),
      remedy: "npm install @tensorflow/tfjs-node-gpu",
    },
    {
      missing: "@tensorflow/tfjs-backend-wasm",
      code: useBackend("wasm"),
      remedy: "npm install @tensorflow/tfjs-backend-wasm",
    },
    // Node's own words: the package is asked for before a line of ours runs.
    {
      missing: "@tensorflow/tfjs-core",
      code: 'import("@awp/core")',
      remedy: "Cannot find package '@tensorflow/tfjs-core'",
    },
    {
      missing: "@tensorflow/tfjs-core",
      code: 'require("@awp/core")',
      remedy: "Cannot find module '@tensorflow/tfjs-core'",
    },
  ],
  "@awp/data": [{ missing: "sharp", code: imageFolder, remedy: "npm install sharp" }],
};

/** Uses what needs a package that is not there: the error says which it is. Spoils the project. */
export async function missing(project: Project, name: string): Promise<void> {
  for (const { missing, code, remedy } of wants[name] ?? []) {
    rmSync(join(project.folder, "node_modules", missing), { recursive: true, force: true });
    await attempt(`${name} without ${missing}`, code.startsWith("require") ? "CJS" : "ESM", async () => {
      const output = await project.runAs({ fails: true }, process.execPath, "--eval", code);
      if (!output.includes(remedy)) throw new Error(`want "${remedy}" in the error, got:\n${output}`);
    });
  }
}
