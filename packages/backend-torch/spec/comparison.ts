import type { Exception } from "./exceptions";
import type { BackendResult, SpecResult } from "./result";

export interface Comparison {
  /** Specs that pass on the reference and not here, without those that are excepted. */
  readonly failures: readonly SpecResult[];
  /** Specs that tfjs-core declares for the reference alone. */
  readonly absent: readonly SpecResult[];
  readonly excepted: readonly Exception[];
  /** Exceptions whose spec passes, or that name no spec that passes on the reference. */
  readonly stale: readonly Exception[];
}

/** Holds a backend to the reference: what passes there passes here, or is excepted. */
export function compare(
  reference: BackendResult,
  tested: BackendResult,
  exceptions: readonly Exception[],
  filtered: boolean,
): Comparison {
  const results = new Map(tested.specs.map((spec) => [spec.name, spec]));
  const expected = reference.specs.filter(({ status }) => status === "passed");
  const short = expected.flatMap(({ name }) => results.get(name) ?? []).filter(({ status }) => status !== "passed");
  // What only this backend reports: a hook that fails, a process that does not start.
  const names = new Set(reference.specs.map(({ name }) => name));
  const extra = tested.specs.filter(({ name, status }) => status === "failed" && !names.has(name));

  const shortNames = new Set(short.map(({ name }) => name));
  const excused = new Set(exceptions.map(({ spec }) => spec));
  const judged = filtered ? exceptions.filter(({ spec }) => names.has(spec)) : exceptions;
  return {
    failures: [...short.filter(({ name }) => !excused.has(name)), ...extra],
    absent: expected.filter(({ name }) => !results.has(name)),
    excepted: exceptions.filter(({ spec }) => shortNames.has(spec)),
    stale: judged.filter(({ spec }) => !shortNames.has(spec)),
  };
}
