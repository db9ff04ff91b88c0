/** A spec that passes on the backend `cpu` and is not to pass on `torch`. */
export interface Exception {
  /** The spec's full name, as the run prints it. */
  readonly spec: string;
  readonly reason: string;
}

/** Kept short: an exception whose spec passes fails the run. */
export const exceptions: readonly Exception[] = [];
