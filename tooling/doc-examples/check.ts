/**
 * Holds the documentation of the packages to the code: every function that a user imports has an `@example`, and every
 * example type-checks. An example is code without imports: the packages' names are imported for it, and what it takes
 * for granted (`network`, `images`, …) is declared in `prelude.ts`. It is not run.
 */
import { join } from "node:path";
import ts from "typescript";
import { publishablePackages } from "../publishable";
import { type Door, publicFunctions, publicNames } from "./public-functions";

const root = join(import.meta.dirname, "../..");
const prelude = join(import.meta.dirname, "prelude.ts");

/** Doors for authors of packages, whose readers have AUTHORING.md: an example is given where it helps. */
const forAuthors: readonly string[] = ["@awp/core/authoring", "@awp/core/node"];
const doors: readonly Door[] = publishablePackages(root).flatMap(({ name, path, doors }) =>
  doors.map((door) => ({ name: door, file: join(path, "src", `${door.slice(name.length + 1) || "index"}.ts`) })),
);

const base = ts.readConfigFile(join(root, "tsconfig.base.json"), (file) => ts.sys.readFile(file)) as {
  readonly config: { readonly compilerOptions: object };
};
const options: ts.CompilerOptions = {
  ...ts.convertCompilerOptionsFromJson(base.config.compilerOptions, root).options,
  isolatedDeclarations: false,
  declaration: false,
  declarationMap: false,
  noUnusedLocals: false,
  verbatimModuleSyntax: false,
  isolatedModules: false,
};
const sources = ts.createProgram([...doors.map(({ file }) => file), prelude], options);
const functions = doors.flatMap((door) => publicFunctions(sources, door, root));
const names = doors.map((door) => ({ ...door, names: new Set(publicNames(sources, door)) }));
const given = new Set(publicNames(sources, { name: "prelude", file: prelude }));

const problems = [
  ...functions
    .filter(({ door, examples }) => examples.length === 0 && !forAuthors.includes(door))
    .map(({ name, door, place }) => `${place}: ${name} of ${door} has no @example`),
  // An example would get the one where its reader sees the other.
  ...names.flatMap((door) =>
    [...door.names].filter((name) => given.has(name)).map((name) => `${prelude}: ${name} is a name of ${door.name}`),
  ),
];
const examples = functions.flatMap(({ examples, ...about }) =>
  examples.map((code, index) => ({
    ...about,
    file: join(import.meta.dirname, `${about.door.replace(/\W+/g, "-")}-${about.name}-${index}.ts`),
    code,
  })),
);
const files = new Map(examples.map(({ file, code, door }) => [file, program(code, door)]));

const host = ts.createCompilerHost(options);
const onDisk = { ...host };
host.fileExists = (file) => files.has(file) || onDisk.fileExists(file);
host.readFile = (file) => files.get(file) ?? onDisk.readFile(file);
host.getSourceFile = (file, language, ...rest) => {
  const text = files.get(file);
  return text === undefined ? onDisk.getSourceFile(file, language, ...rest) : ts.createSourceFile(file, text, language);
};
const checked = ts.createProgram([...files.keys()], options, host, sources);
for (const { file, place, name } of examples) {
  const source = checked.getSourceFile(file);
  for (const found of [...checked.getSyntacticDiagnostics(source), ...checked.getSemanticDiagnostics(source)])
    problems.push(`${place}: the example of ${name}: ${ts.flattenDiagnosticMessageText(found.messageText, "\n")}`);
}

for (const problem of problems) console.error(problem);
console.log(`${examples.length} examples of ${functions.length} public functions, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** The example as a module: what it names is imported, from its own door first. */
function program(code: string, door: string): string {
  const words = new Set(code.match(/(?<![\w$]|(?<!\.\.)\.)[A-Za-z_$][\w$]*/g));
  const own = [...names].sort((a, b) => Number(b.name === door) - Number(a.name === door));
  const imports = [...words].flatMap((word) => {
    if (given.has(word)) return [`import { ${word} } from "./prelude";`];
    const from = own.find((each) => each.names.has(word));
    return from === undefined ? [] : [`import { ${word} } from "${from.name}";`];
  });
  // In a block, where a name of its own may hide an import.
  return `${imports.join("\n")}\n{\n${code}\n}\nexport {};\n`;
}
