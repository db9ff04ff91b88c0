/** Plain figures of trainings, as the figures and the page take them; they come from files as easily as from memory. */

/** A training that has a name in legends. */
export interface RunFigures {
  /** The name in legends and tables: `"AT-AWP"`. Two runs have two names. */
  readonly name: string;
  /** Its settings by their paths, such as `attack.steps`, in the order in which they are shown. */
  readonly settings: Readonly<Record<string, string | number | boolean | null>>;
  /** One row for each epoch, ascending; none for a network that was not trained here. */
  readonly epochs: readonly EpochFigures[];
  /** Accuracies under attacks, by split: `"train"`, `"test"`. */
  readonly accuracies: readonly AccuracyFigures[];
  readonly landscapes: readonly LandscapeFigures[];
  readonly sheet?: ImageSheet;
}

export interface EpochFigures {
  /** Counted from 1. */
  readonly epoch: number;
  /** The mean outer loss. */
  readonly loss: number;
  readonly learningRate: number;
  /** Accuracies on held out images by name, from 0 to 1: `{ natural, robust }`. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface AccuracyFigures {
  readonly split: string;
  /** The attack's name; `"natural"` for none. */
  readonly attack: string;
  /** The radius, in the images' scale from 0 to 1. */
  readonly epsilon: number;
  /** A share, from 0 to 1. */
  readonly accuracy: number;
  /** How many images it is a share of. */
  readonly images: number;
}

/** A weight-loss landscape around the weights of a run after an epoch. Its points are those of `@awp/landscape`. */
export interface LandscapeFigures {
  /** The epoch, from 1, after which the weights were these. */
  readonly epoch: number;
  readonly split: string;
  /** What its directions are, in words, one for each axis: `"random, filter-normalised, seed 1"`. */
  readonly directions: readonly string[];
  readonly attack: string;
  readonly images: number;
  readonly points: readonly PointFigures[];
}

export interface PointFigures {
  readonly at: readonly number[];
  readonly clean: MeasuredFigures;
  readonly adversarial?: MeasuredFigures;
  readonly pregenerated?: MeasuredFigures;
}

export interface MeasuredFigures {
  readonly loss: number;
  readonly accuracy: number;
}

/** Some images, what the attack made of them and what the network takes them for. */
export interface ImageSheet {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** The attack that made the adversarial images. */
  readonly attack: string;
  readonly rows: readonly SheetRow[];
}

export interface SheetRow {
  /** Bytes, `height × width × channels`. */
  readonly image: Uint8Array;
  readonly adversarial: Uint8Array;
  /** Names of classes. */
  readonly label: string;
  readonly predicted: string;
  readonly predictedAdversarial: string;
}
