import { ArgumentError } from "@awp/core";
import { requireArgument, requireChoice } from "@awp/core/authoring";

/** What a model answers with. */
export type ModelOutput = "logits" | "probabilities";

export interface AdaptedModelOptions {
  /**
   * What the model answers with. Left out, its structure decides; one that cannot be seen through must be told.
   *
   * @default what the structure shows
   */
  readonly output?: ModelOutput | undefined;
}

/** What a model's structure shows of its end. */
export interface Ending<Bare> {
  /** `"unknown"` where a layer or an operation stands that may be anything. */
  readonly answer: ModelOutput | "unknown";
  /** The layer or node that shows it. */
  readonly shownBy: string;
  /** How to get what stands before the softmax or the sigmoid, where that can be had. */
  readonly bare?: Bare;
}

/** How a model is read: with its end taken off, or as it is. */
export interface Reading<Bare> {
  readonly bare?: Bare | undefined;
  /** What comes out then. */
  readonly output: ModelOutput;
}

/**
 * How to read a model with that ending; without one, nothing is known of its structure, and logits are assumed.
 *
 * Throws an `ArgumentError` where `output` contradicts the structure, or is missing and the structure does not show it.
 */
export function readingOf<Bare>(ending: Ending<Bare> | undefined, { output }: AdaptedModelOptions): Reading<Bare> {
  if (output !== undefined) requireChoice("output", output, ["logits", "probabilities"]);
  if (ending === undefined) return { output: output ?? "logits" };
  const { answer, shownBy, bare } = ending;
  if (answer === "unknown") {
    if (output !== undefined) return { output };
    const wanted = `"logits" or "probabilities": the model ends in ${shownBy}, which may be either`;
    throw new ArgumentError("output", output, wanted);
  }
  const fits = output === undefined || output === answer;
  requireArgument(fits, "output", output, `"${answer}", which the model answers with: it ends in ${shownBy}`);
  return bare === undefined ? { output: answer } : { bare, output: "logits" };
}
