import type { Comparison } from "./comparison";
import { type BackendResult, count, type SpecResult } from "./result";

/** One line for each backend. */
export function table(results: readonly BackendResult[]): string {
  const lines = results.map((result) => [
    result.backend,
    ...(["passed", "failed", "pending"] as const).map((status) => count(result, status).toLocaleString("en")),
  ]);
  return [["backend", "passed", "failed", "pending"], ...lines]
    .map(([name = "", ...numbers]) => name.padEnd(12) + numbers.map((text) => text.padStart(10)).join(""))
    .join("\n");
}

/** What fails on the reference itself: nothing, unless the machine or the versions are not what they should be. */
export function referenceFailures({ backend, specs }: BackendResult): string {
  return specs
    .filter(({ status }) => status === "failed")
    .map(({ name, message }) => `\nfails on ${backend}: ${name}\n      ${message}`)
    .join("");
}

/** Every spec that falls short, grouped by operation, the largest groups first. */
export function shortfall(backend: string, { failures, absent, excepted, stale }: Comparison): string {
  const lines = backend === "cpu" ? [] : [`${failures.length} specs pass on cpu and not on ${backend}`];
  const groups = [...grouped(failures)].sort(([, a], [, b]) => b.length - a.length);
  for (const [suite, specs] of groups) {
    lines.push(`\n${suite}: ${specs.length}`);
    for (const { name, message = "pending" } of specs) lines.push(`  ${name}`, `      ${message}`);
  }
  if (absent.length > 0) lines.push(`\nnot declared here, on cpu alone: ${absent.length}`);
  for (const { name } of absent.slice(0, 10)) lines.push(`  ${name}`);
  for (const { spec, reason } of excepted) lines.push(`\nexcepted: ${spec}\n      ${reason}`);
  for (const { spec } of stale) lines.push(`\nan exception that is none: ${spec}`);
  return lines.join("\n");
}

function grouped(specs: readonly SpecResult[]): Map<string, SpecResult[]> {
  const groups = new Map<string, SpecResult[]>();
  for (const spec of specs) groups.set(spec.suite, [...(groups.get(spec.suite) ?? []), spec]);
  return groups;
}
