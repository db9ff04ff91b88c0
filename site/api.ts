/**
 * Writes the API reference as Markdown that VitePress reads: of every published package, a module for each of its doors.
 * A warning of TypeDoc is an error.
 */
import { join } from "node:path";
import { Application, Converter } from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";
import { publishablePackages } from "../tooling/publishable";

const root = join(import.meta.dirname, "..");

/** The doors' names, by the file behind each. */
const doors = new Map(
  publishablePackages(root).flatMap(({ name, path, doors }) =>
    doors.map((door) => [join(path, "src", `${door.slice(name.length + 1) || "index"}.ts`), door] as const),
  ),
);

const app = await Application.bootstrapWithPlugins({
  plugin: ["typedoc-plugin-markdown", "typedoc-vitepress-theme"],
  entryPoints: [...doors.keys()],
  tsconfig: join(import.meta.dirname, "tsconfig.api.json"),
  basePath: root,
  displayBasePath: root,
  out: join(root, "docs/api"),
  docsRoot: root,
  name: "API",
  readme: "none",
  groupOrder: ["Functions", "Classes", "Variables", "Interfaces", "Type Aliases", "*"],
  kindSortOrder: ["Function", "Class", "Variable", "Interface", "TypeAlias", "Reference"],
  disableGit: true,
  gitRevision: "main",
  sourceLinkTemplate: "https://github.com/awp-js/awp/blob/{gitRevision}/{path}#L{line}",
  externalSymbolLinkMappings: { "@tensorflow/tfjs-core": { "*": "https://js.tensorflow.org/api/4.22.0/" } },
  useCodeBlocks: true,
  indexFormat: "table",
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  typeDeclarationFormat: "table",
  tableColumnSettings: {
    hideInherited: true,
    hideModifiers: true,
    hideOverrides: true,
    hideSources: true,
    hideDefaults: false,
    hideValues: false,
    leftAlignHeaders: true,
  },
  pageTitleTemplates: { index: "API", module: "{name}", member: "{name}" },
  excludeInternal: true,
  excludeScopesInPaths: true,
  validation: { notExported: true, invalidLink: true, invalidPath: true },
} as PluginOptions & Parameters<typeof Application.bootstrapWithPlugins>[0]);

app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const module of project.children ?? []) {
    const door = doors.get(module.sources?.[0]?.fullFileName ?? "");
    if (door !== undefined) module.name = door;
  }
});

const project = await app.convert();
if (project !== undefined) {
  app.validate(project);
  if (!app.logger.hasErrors() && !app.logger.hasWarnings()) await app.generateOutputs(project);
}
process.exitCode = app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0;
