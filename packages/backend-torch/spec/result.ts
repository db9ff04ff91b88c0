/** What came of one spec, as the child process writes it, one line of JSON each. */
export type SpecEvent =
  | { readonly kind: "start"; readonly id: string; readonly name: string; readonly suite: string }
  | { readonly kind: "done"; readonly id: string; readonly status: SpecStatus; readonly message?: string }
  /** A failure outside any spec: a hook of a suite, or an error that nobody caught. */
  | { readonly kind: "outside"; readonly name: string; readonly message: string }
  | { readonly kind: "end" };

export type SpecStatus = "passed" | "failed" | "pending";

export interface SpecResult {
  /** Full name, with a number where several specs share it. */
  readonly name: string;
  /** The outermost `describe`: in tfjs-core an operation. */
  readonly suite: string;
  readonly status: SpecStatus;
  readonly message?: string;
}

export interface BackendResult {
  readonly backend: string;
  readonly specs: readonly SpecResult[];
}

export function count(result: BackendResult, status: SpecStatus): number {
  return result.specs.filter((spec) => spec.status === status).length;
}
