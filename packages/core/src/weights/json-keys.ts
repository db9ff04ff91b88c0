/** The first key that stands twice in one object of a valid JSON text, where `JSON.parse` silently keeps the last. */
export function duplicateKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  const tokens = /[{}]|("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?/g;
  for (const [token, text, colon] of json.matchAll(tokens)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (text !== undefined && colon !== undefined) {
      const key = JSON.parse(text) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
}
