import { AwpError } from "@awp/core";

/** What the client throws for an answer of the hub that is none of those that are wanted. */
interface Refusal extends Error {
  readonly statusCode: number;
}

/** Whether the hub has answered, and refused. */
export function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && typeof (error as Partial<Refusal>).statusCode === "number";
}

const advice: Readonly<Record<number, string>> = {
  401: "there is no such model, or it is private and wants a token: set HF_TOKEN, or log in by `hf auth login`",
  403: "the token does not allow that; for a gated model, ask for access on its page",
  404: "there is no such model, revision or file",
  429: "too many requests: try again later",
};

/** An error of the client as one of ours, in one line: what was asked for, what went wrong, what to do. */
export function hubError(what: string, error: unknown): AwpError {
  if (AwpError.is(error)) return error;
  if (!isRefusal(error)) return new AwpError(`${what}: ${reasonOf(error)}`, { cause: error });
  const { statusCode } = error;
  const [says] = error.message.split(". URL:");
  const then = advice[statusCode] ?? (statusCode >= 500 ? "try again later" : undefined);
  return new AwpError(`${what}: the hub answered ${statusCode}: ${[says, then].filter(Boolean).join("; ")}`, {
    cause: error,
  });
}

/** What went wrong on the way; `fetch` says "fetch failed" and keeps it in `cause`, and the client may throw a text. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
