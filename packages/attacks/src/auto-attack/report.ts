import type { Norm } from "@awp/core";
import type { ExampleOutcome } from "../engine/example-outcome";
import type { Found } from "./finding";
import type { Passes } from "./passes";
import type { AutoAttackVersion, StageName } from "./stage-names";

/** What a stage did to the examples that were still robust when it began. */
export interface StageReport {
  readonly name: StageName;
  readonly attacked: number;
  readonly broken: number;
  /** The robust accuracy after the stage, from 0 to 1. */
  readonly robustAccuracy: number;
  /** Those on the clock, without what the caller does between two events; where ranks share the batches, those of the slowest in each turn. */
  readonly seconds: number;
  /** Examples through the classifier and gradients back, checking what was found included. */
  readonly passes: Passes;
}

/** A reason not to trust the figure as it is, with what to do about it. */
export interface Flag {
  readonly kind:
    | "randomised"
    | "stateful"
    | "batch-dependent"
    | "softmax-output"
    | "zero-gradient"
    | "few-classes"
    | "not-a-number"
    | "square-lowers-minimum";
  readonly advice: string;
}

/** What broke an example. */
export type BrokenBy = Pick<Found, "stage" | "attack" | "iteration" | "distance">;

/** How one example fared, and by what it was broken, where AutoAttack did. */
export interface ExampleReport extends ExampleOutcome {
  readonly brokenBy?: BrokenBy;
}

/** All that AutoAttack found; plain data, ready for JSON. */
export interface AutoAttackReport {
  readonly version: AutoAttackVersion;
  /** Whether all stages of the version ran, so that the figure may stand beside published ones. */
  readonly standard: boolean;
  readonly norm: Norm;
  readonly epsilon: number;
  readonly classes: number;
  readonly examples: number;
  /** The share of clean images that are classified correctly, from 0 to 1. */
  readonly naturalAccuracy: number;
  /** The share of examples that are classified correctly, clean and under every attack, from 0 to 1. */
  readonly robustAccuracy: number;
  readonly stages: readonly StageReport[];
  readonly flags: readonly Flag[];
  readonly perExample: readonly ExampleReport[];
}
