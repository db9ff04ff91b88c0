import { AwpError } from "@awp/core";

/** A command line or a configuration that cannot be meant; the command ends with the exit code for that. */
export class UsageError extends AwpError {
  override readonly name = "UsageError";
}
