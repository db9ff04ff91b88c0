import { relative } from "node:path";
import ts from "typescript";

/** A function that a user calls, or a value with such functions in it. */
export interface PublicFunction {
  readonly name: string;
  /** What a user imports it from. */
  readonly door: string;
  /** Its file and line. */
  readonly place: string;
  /** The code of its `@example`s, without a fence. */
  readonly examples: readonly string[];
}

/** A source behind a door: the name that users import, and the file that it resolves to. */
export interface Door {
  readonly name: string;
  readonly file: string;
}

/** The public names of a door, its types too. */
export function publicNames(program: ts.Program, { file }: Door): readonly string[] {
  return exportsOf(program, file).map(({ name }) => name);
}

/** The functions behind a door, in the order of their export. Classes are none: a user catches errors, and makes none. */
export function publicFunctions(
  program: ts.Program,
  { name: door, file }: Door,
  root: string,
): readonly PublicFunction[] {
  const checker = program.getTypeChecker();
  return exportsOf(program, file).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const declaration = symbol.valueDeclaration;
    if (declaration === undefined || ts.isClassDeclaration(declaration)) return [];
    const type = checker.getTypeOfSymbol(symbol);
    const members = ts.isVariableDeclaration(declaration) && !checker.isArrayLikeType(type) ? type.getProperties() : [];
    const calls = [type, ...members.map((member) => checker.getTypeOfSymbol(member))].some(
      (each) => each.getCallSignatures().length > 0,
    );
    if (!calls) return [];
    const source = declaration.getSourceFile();
    const { line } = source.getLineAndCharacterOfPosition(declaration.getStart());
    const tags = symbol.getJsDocTags(checker).filter((tag) => tag.name === "example");
    const examples = tags.map((tag) =>
      ts
        .displayPartsToString(tag.text)
        .replace(/^```.*$/gm, "")
        .trim(),
    );
    return [{ name: exported.name, door, place: `${relative(root, source.fileName)}:${line + 1}`, examples }];
  });
}

function exportsOf(program: ts.Program, file: string): readonly ts.Symbol[] {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(file) as ts.SourceFile);
  return module === undefined ? [] : checker.getExportsOfModule(module);
}
