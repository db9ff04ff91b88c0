import type { StageName } from "./stage-names";

/** An adversarial image as an attack hands it over. */
export interface Finding {
  /** Its pixels, row by row. */
  readonly image: Float32Array;
  /** The number of iterations (for Square of queries) after which it was found. */
  readonly iteration: number;
}

/** A finding that counts: asked again, the classifier errs on it, and it lies inside the ball and the box. */
export interface Found extends Finding {
  readonly stage: StageName;
  /** The attack of the stage: the restart, or the rank of the target class. */
  readonly attack: string;
  /** The distance from the clean image, in the norm of the threat model. */
  readonly distance: number;
  /** Whether the classifier answers the image with NaN. */
  readonly nan: boolean;
}
