/** A block of TypeScript in a Markdown file. */
export interface CodeBlock {
  /** What a reader sees. */
  readonly code: string;
  /** What the block assumes, from the comments before it: `<!-- prelude … -->`. */
  readonly prelude: string;
  /** Why it is not run, from a comment before it: `<!-- not run: it needs CIFAR-10 -->`. */
  readonly notRun: string | undefined;
  /** The line of its first line of code, from 1. */
  readonly line: number;
}

const block = /((?:<!--(?:(?!-->)[\s\S])*-->\s*)*)^```ts\n([\s\S]*?)^```$/gm;

/** The blocks of TypeScript of a Markdown text, in order. */
export function codeBlocks(markdown: string): readonly CodeBlock[] {
  return Array.from(markdown.matchAll(block), (match) => {
    const [whole, comments = "", code = ""] = match;
    const said = (word: string): string[] =>
      Array.from(comments.matchAll(/<!--\s*([\s\S]*?)\s*-->/g), ([, comment = ""]) => comment)
        .filter((comment) => comment.startsWith(word))
        .map((comment) => comment.slice(word.length).replace(/^:?\s*/, ""));
    const before = markdown.slice(0, match.index + whole.indexOf("```ts\n"));
    return {
      code,
      prelude: said("prelude").join("\n"),
      notRun: said("not run")[0],
      line: before.split("\n").length + 1,
    };
  });
}

/** The relative links of a Markdown text, without their anchors. */
export function relativeLinks(markdown: string): readonly string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```$/gm, "");
  return Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, target = ""]) => target.replace(/#.*$/, "")).filter(
    (target) => target !== "" && !/^[a-z]+:/.test(target),
  );
}
