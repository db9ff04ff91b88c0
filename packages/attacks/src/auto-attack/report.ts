import type { Norm } from "@awp/core";
import type { Passes } from "./passes";

/** Which attacks run: as published, more of them, or those for randomised classifiers. */
export type AutoAttackVersion = "standard" | "plus" | "rand";

export type StageName = "apgd-ce" | "apgd-dlr" | "apgd-t" | "fab" | "fab-t" | "square";

/** What a stage did to the examples that were still robust when it began. */
export interface StageReport {
  readonly name: StageName;
  readonly attacked: number;
  readonly broken: number;
  /** After the stage, from 0 to 1. */
  readonly robustAccuracy: number;
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

/** How one example fared. */
export interface ExampleReport {
  /** In its data set. */
  readonly index: number;
  readonly label: number;
  /** Whether the clean image is classified correctly. */
  readonly natural: boolean;
  /** Whether it still is after every attack. */
  readonly robust: boolean;
  /** Whether the classifier answers the clean image, or the adversarial one, with NaN. */
  readonly nan: boolean;
  readonly brokenBy?: {
    readonly stage: StageName;
    /** Which attack of the stage: the restart, or the rank of the target class. */
    readonly attack: string;
    /** Iterations, for Square queries. */
    readonly iteration: number;
    /** Of the adversarial image from the clean one, in the norm of the threat model. */
    readonly distance: number;
  };
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
  /** From 0 to 1. */
  readonly cleanAccuracy: number;
  /** From 0 to 1. */
  readonly robustAccuracy: number;
  readonly stages: readonly StageReport[];
  readonly flags: readonly Flag[];
  readonly perExample: readonly ExampleReport[];
}
