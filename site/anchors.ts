import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** Throws where a link of the built pages leads to an anchor that its page does not have; VitePress checks pages alone. */
export function checkAnchors(folder: string, base: string): void {
  const pages = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".html"));
  const texts = new Map(pages.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
  const anchors = new Map([...texts].map(([path, text]) => [path, new Set(values(text, "id"))]));
  const dead = [...texts].flatMap(([path, text]) =>
    values(text, "href")
      .filter((href) => href.includes("#") && !/^[a-z]+:/.test(href))
      .filter((href) => {
        const [target = "", anchor = ""] = href.split("#").map(decodeURIComponent);
        const page = target.startsWith(base) ? target.slice(base.length) : posix.join(posix.dirname(path), target);
        const file = target === "" ? path : /(^|\/)$/.test(page) ? posix.join(page, "index.html") : page;
        return anchor !== "" && !anchors.get(file)?.has(anchor);
      })
      .map((href) => `${path}: no ${href}`),
  );
  if (dead.length > 0) throw new Error(`${dead.length} dead anchors\n${dead.join("\n")}`);
}

/** The values of an attribute in a text of HTML. */
function values(text: string, attribute: string): string[] {
  return Array.from(text.matchAll(new RegExp(` ${attribute}="([^"]*)"`, "g")), ([, value = ""]) =>
    value.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&#39;", "'"),
  );
}
