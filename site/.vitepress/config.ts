import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type DefaultTheme, defineConfig } from "vitepress";
import { publishablePackages } from "../../tooling/publishable";
import { relativeLinks } from "../../tooling/readme/blocks";
import { checkAnchors } from "../anchors";
import { forge, forgeDrawings, forgeLinks, forgeSlug } from "../forge";

type Item = DefaultTheme.SidebarItem;

/** The repository: documents become pages where they are, so that a relative link means the same on the forge and here. */
const root = join(import.meta.dirname, "../..");

const packages = publishablePackages(root).map(({ name, directory }) => ({
  text: name,
  link: `/packages/${directory}/`,
}));

const concepts = ["docs/how-awp-works.md", "docs/glossary.md", "docs/architecture.md"];
const results = ["docs/results.md", "docs/robustbench.md", "goldens/README.md"];
const others = readdirSync(join(root, "docs"))
  .map((name) => `docs/${name}`)
  .filter((path) => path.endsWith(".md") && !concepts.includes(path) && !results.includes(path));

const sidebar: Item[] = [
  {
    text: "Get started",
    items: [
      { text: "Overview", link: "/" },
      { text: "Examples", collapsed: true, items: examples() },
    ],
  },
  { text: "Guides", items: contents("docs/guides") },
  {
    text: "Concepts",
    items: [...concepts.map(page), { text: "Decisions", collapsed: true, items: contents("docs/decisions") }],
  },
  { text: "Packages", collapsed: true, items: [...packages, page("packages/core/AUTHORING.md")] },
  { text: "API", link: "/docs/api/" },
  { text: "Results", items: results.map(page) },
  {
    text: "Contributing",
    collapsed: true,
    items: ["CONTRIBUTING.md", ...others].map(page),
  },
];

export default defineConfig({
  title: "AWP for TypeScript",
  description: "Adversarial Weight Perturbation for TypeScript: train and evaluate robust image classifiers",
  head: [["link", { rel: "icon", href: "data:," }]],
  base: process.env.SITE_BASE ?? "/",
  srcDir: root,
  srcExclude: ["gpu-bundle", "prebuilt", "packages/backend-torch/{spec,native}"].map((path) => `${path}/**`),
  outDir: "dist",
  metaChunk: true, // else every page carries the sidebars of all
  rewrites: asIndex,
  markdown: {
    anchor: { slugify: forgeSlug },
    config(markdown) {
      forgeLinks(markdown, root);
      forgeDrawings(markdown);
    },
  },
  themeConfig: {
    nav: [
      { text: "Guides", link: "/docs/guides/", activeMatch: "/docs/guides/" },
      { text: "API", link: "/docs/api/", activeMatch: "/docs/api/" },
      { text: "Results", link: "/docs/results" },
    ],
    sidebar: { "/": sidebar, ...apiSidebars() },
    outline: [2, 3],
    search: { provider: "local" },
    socialLinks: [{ icon: "github", link: forge }],
  },
  buildEnd: ({ outDir, site }) => checkAnchors(outDir, site.base),
});

/** A README is what its folder shows. */
function asIndex(path: string): string {
  return path.replace(/README\.md$/, "index.md");
}

/** The place of a document in the sidebar, named by its first heading. */
function page(path: string): Item {
  const [, title = path] = /^# (.*)$/m.exec(readFileSync(join(root, path), "utf8")) ?? [];
  return { text: title.replaceAll("`", ""), link: `/${asIndex(path).replace(/(index)?\.md$/, "")}` };
}

/** What a folder's README leads to, in its order: all that is there. */
function contents(folder: string): Item[] {
  const listed = relativeLinks(readFileSync(join(root, folder, "README.md"), "utf8"));
  const forgotten = readdirSync(join(root, folder)).filter((name) => name !== "README.md" && !listed.includes(name));
  if (forgotten.length > 0) throw new Error(`${folder}/README.md has no ${forgotten.join(", ")}`);
  return listed.map((name) => page(`${folder}/${name}`));
}

/** A sidebar for each module of the API reference, with its own members alone: every page carries its sidebar. */
function apiSidebars(): Record<string, Item[]> {
  const modules = JSON.parse(readFileSync(join(root, "docs/api/typedoc-sidebar.json"), "utf8")) as Item[];
  const around = (own: Item): Item[] => [
    {
      text: "API",
      link: "/docs/api/",
      items: modules.map((module) =>
        module === own ? { ...module, collapsed: false } : { text: module.text!, link: module.link! },
      ),
    },
  ];
  return Object.fromEntries(modules.map((module) => [module.link!, around(module)]));
}

function examples(): Item[] {
  const readmes = readdirSync(join(root, "examples")).map((name) => `examples/${name}/README.md`);
  return readmes.filter((path) => existsSync(join(root, path))).map(page);
}
