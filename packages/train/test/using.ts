import { afterEach } from "vitest";

const used: { dispose(): void }[] = [];

afterEach(() => {
  for (const each of used.splice(0)) each.dispose();
});

/** The same value, which is disposed after the test. */
export function using<T extends { dispose(): void }>(value: T): T {
  used.push(value);
  return value;
}
