import { AwpError } from "@awp/core";
import type { Fail } from "@awp/core/node";

/** A file or a server did not give the data that was asked for: says which, what is wrong and what to do. */
export class DataError extends AwpError {
  override readonly name = "DataError";
  /** The file, folder or address at fault. */
  readonly source: string;

  constructor(source: string, problem: string, advice: string, options?: ErrorOptions) {
    super(`${source}: ${problem}; ${advice}`, options);
    this.source = source;
  }
}

/** A {@link Fail} that names the file and what to do. */
export function failing(path: string, advice: string): Fail {
  return (problem) => {
    throw new DataError(path, problem, advice);
  };
}
