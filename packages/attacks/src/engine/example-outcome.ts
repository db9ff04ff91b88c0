/** How one example fared. */
export interface ExampleOutcome {
  /** Its index in the data set. */
  readonly index: number;
  readonly label: number;
  /** Whether the clean image is classified correctly. */
  readonly natural: boolean;
  /** Whether it is, and its adversarial image too. */
  readonly robust: boolean;
  /** Whether the classifier answers either with NaN; NaN is never correct. */
  readonly nan: boolean;
}
