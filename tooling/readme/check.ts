/**
 * Holds what the documents say to the code: every block of TypeScript in a Markdown file type-checks and, unless a
 * comment before it says why not, runs; every relative link leads somewhere. With paths as arguments it
 * checks those alone.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundle } from "@awp/testing";
import { codeBlocks, relativeLinks } from "./blocks";

const root = join(import.meta.dirname, "../..");
/** Inside the workspace, where the packages resolve to their sources. */
const folder = join(root, ".readme-blocks");
const paths = process.argv.length > 2 ? process.argv.slice(2) : ["*.md"];
const documents = execFileSync("git", ["ls-files", "-co", "--exclude-standard", ...paths], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path.endsWith(".md") && !path.startsWith(".changeset/") && existsSync(join(root, path)));

const blocks = documents.flatMap((path) =>
  codeBlocks(readFileSync(join(root, path), "utf8")).map((block) => ({
    ...block,
    place: `${path}:${block.line}`,
    file: join(folder, `${path.replace(/\W+/g, "-")}-${block.line}.ts`),
  })),
);
const problems = documents.flatMap((path) =>
  relativeLinks(readFileSync(join(root, path), "utf8"))
    .filter((target) => !existsSync(join(root, dirname(path), target)))
    .map((target) => `${path}: no ${target}`),
);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
try {
  for (const { file, prelude, code } of blocks) writeFileSync(file, `${prelude}\n${code}\nexport {};\n`);
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: "../tsconfig.base.json",
      compilerOptions: {
        isolatedDeclarations: false,
        declaration: false,
        declarationMap: false,
        noUnusedLocals: false,
      },
      files: blocks.map(({ file }) => file),
    }),
  );
  const compiler = [join(root, "node_modules/typescript-native/bin/tsc"), "-p", folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, compiler, { cwd: root, encoding: "utf8" });
  if (status !== 0) problems.push(named(stdout + stderr));
  else problems.push(...(await runAll(blocks.filter(({ notRun }) => notRun === undefined))));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

for (const { place, notRun } of blocks) if (notRun !== undefined) console.log(`${place} is not run: ${notRun}`);
for (const problem of problems) console.error(problem);
console.log(`${blocks.length} blocks of TypeScript in ${documents.length} documents, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;

async function runAll(run: typeof blocks): Promise<readonly string[]> {
  const { paths, remove } = await bundle(run.map(({ file }) => file));
  const failures = run.flatMap(({ place }, i) => {
    const program = paths[i] as string;
    const { status, stderr } = spawnSync(process.execPath, [program], {
      cwd: folder,
      encoding: "utf8",
      timeout: 120_000,
    });
    return status === 0 ? [] : [`${place} does not run: ${named(stderr).trim().slice(-2000)}`];
  });
  remove();
  return failures;
}

/** The compiler's words with the documents' names in the place of the files'. */
function named(text: string): string {
  return blocks.reduce(
    (all, { file, place }) => all.replaceAll(file, place).replaceAll(file.slice(root.length + 1), place),
    text,
  );
}
