import { existsSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { MarkdownRenderer } from "vitepress";

/** Where the sources are. */
export const forge = "https://github.com/awp-js/awp";

/** The anchor that the forge gives to a heading, so that a link to it holds there and here. */
export function forgeSlug(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}

/**
 * Makes relative links mean here what they mean on the forge: a folder is its README, and what is no page of the site, a
 * source or a data file, is shown by the forge. What does not exist stays as it is, for VitePress to report.
 */
export function forgeLinks(markdown: MarkdownRenderer, root: string): void {
  const open = markdown.renderer.rules.link_open!;
  markdown.renderer.rules.link_open = (tokens, index, options, env: { realPath?: string; path: string }, self) => {
    const token = tokens[index]!;
    const href = token.attrGet("href") ?? "";
    const [, target = "", anchor = ""] = /^([^#]*)(#.*)?$/.exec(href) ?? [];
    if (target !== "" && !/^([a-z]+:|\/)/.test(target))
      token.attrSet("href", here(root, dirname(env.realPath ?? env.path), target) + anchor);
    return open(tokens, index, options, env, self);
  };
}

function here(root: string, from: string, target: string): string {
  const path = join(from, decodeURI(target));
  if (!existsSync(path)) return target;
  const isFolder = statSync(path).isDirectory();
  if (isFolder && existsSync(join(path, "README.md"))) return target.replace(/\/?$/, "/");
  if (target.endsWith(".md")) return target.replace(/README\.md$/, "index.md");
  return `${forge}/${isFolder ? "tree" : "blob"}/main/${relative(root, path)}`;
}

/** Hands blocks of Mermaid to the component that draws them, as the forge does. */
export function forgeDrawings(markdown: MarkdownRenderer): void {
  const fence = markdown.renderer.rules.fence!;
  markdown.renderer.rules.fence = (tokens, index, options, env, self) => {
    const { info, content } = tokens[index]!;
    return info.trim() === "mermaid"
      ? `<Drawing text="${encodeURIComponent(content)}" />`
      : fence(tokens, index, options, env, self);
  };
}
