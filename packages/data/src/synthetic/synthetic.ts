import type { Random } from "@awp/core";
import { hostUniform } from "@awp/core";
import { requireArgument, requireCount } from "@awp/core/authoring";
import { type Dataset, dataset } from "../dataset/dataset";
import { addLook, clutterField, syntheticWorld } from "./synthetic-world";

export interface SyntheticOptions {
  /** The number of images. Image i is the same for every count. */
  readonly count: number;
  /** Randomness of the world, its classes and all draws from it. Another value is another world. */
  readonly random: Random;
  /** Which of two disjoint draws from the same world. @default "train" */
  readonly split?: "train" | "test";
  /** @default 10 */
  readonly classes?: number;
  /** Height and width in pixels. @default 32 */
  readonly size?: number;
  /** @default 3 */
  readonly channels?: number;
  /** The number of looks that a class has. @default 2 */
  readonly prototypes?: number;
  /** Strength of the class's look: the standard deviation of its pixels. @default 0.24 */
  readonly signal?: number;
  /** Strength of a look of another class laid over it. @default 0.08 */
  readonly distractor?: number;
  /** Strength of a smooth pattern that each image has for itself. @default 0.16 */
  readonly clutter?: number;
  /** Strength of the noise in each pixel. @default 0.04 */
  readonly noise?: number;
  /** Share of the training labels replaced by another class; test labels are right. @default 0 */
  readonly labelNoise?: number;
}

/** The world, and the two sets drawn from it: a key each. */
const parts = { world: 0, train: 1, test: 2 } as const;

/** What is drawn for one image: a key each. */
const imageDraws = { choices: 0, clutter: 1, look: 2, distractor: 3, noise: 4 } as const;

/**
 * A data set of made-up images for offline use, deterministic, on which adversarial training overfits as on real ones.
 *
 * A class has `prototypes` looks T, smooth random fields of unit variance with about 8 bumps along a side. Image i has
 * class y = i mod `classes` and
 *
 *     x = clip(½ + a · (signal · T[y, k] + distractor · T[j, l]) + clutter · F + noise · E, 0, 1), in bytes
 *
 * with k and l any look, j another class, contrast a from U(0.6, 1.4), both looks shifted by up to an eighth of the
 * image and mirrored half of the time, F a fresh smooth field like the looks, and E white noise. What tells the classes
 * apart survives an ℓ∞ perturbation of 8 / 255, but so does F, by which a network can learn each training image by
 * heart.
 *
 * @throws ArgumentError for an option out of its range
 * @example
 * const train = synthetic({ count: 2000, random: random(0) });
 * const test = synthetic({ count: 500, random: random(0), split: "test" });
 */
export function synthetic(options: SyntheticOptions): Dataset {
  const { count, random, split = "train", classes = 10, size = 32, channels = 3, prototypes = 2 } = options;
  const { signal = 0.24, distractor = 0.08, clutter = 0.16, noise = 0.04, labelNoise = 0 } = options;
  for (const [name, value] of Object.entries({ count, size, channels, prototypes })) {
    requireCount(name, value);
  }
  requireArgument(Number.isInteger(classes) && classes >= 2 && classes <= 256, "classes", classes, "from 2 to 256");
  for (const [name, value] of Object.entries({ signal, distractor, clutter, noise })) {
    requireArgument(value >= 0 && value < Infinity, name, value, "a standard deviation of at least 0");
  }
  requireArgument(labelNoise >= 0 && labelNoise <= 1, "labelNoise", labelNoise, "a share from 0 to 1");
  requireArgument(split === "train" || split === "test", "split", split, '"train" or "test"');

  const world = syntheticWorld(random.fold(parts.world), { classes, prototypes, size, channels });
  const draws = random.fold(parts[split]);
  const length = size * size * channels;
  const images = new Uint8Array(count * length);
  const labels = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    const own = draws.forRows(Int32Array.of(index));
    const [brightness = 0, other = 0, wrong = 0, mistaken = 0] = hostUniform(own.fold(imageDraws.choices), 4);
    const label = index % classes;
    const contrast = 0.6 + 0.8 * brightness;
    const image = clutterField(world, own.fold(imageDraws.clutter)).map((value) => 0.5 + clutter * value);
    addLook(image, world, label, contrast * signal, own.fold(imageDraws.look));
    addLook(image, world, anotherClass(label, classes, other), contrast * distractor, own.fold(imageDraws.distractor));
    const grain = hostUniform(own.fold(imageDraws.noise), length);
    for (let i = 0; i < length; i++) {
      const value = (image[i] as number) + noise * Math.sqrt(12) * ((grain[i] as number) - 0.5);
      images[index * length + i] = Math.round(255 * Math.min(1, Math.max(0, value)));
    }
    const mislabelled = split === "train" && wrong < labelNoise;
    labels[index] = mislabelled ? anotherClass(label, classes, mistaken) : label;
  }
  const classNames = Array.from({ length: classes }, (_, label) => `class ${label}`);
  return dataset({ images, labels, shape: [size, size, channels], classNames });
}

/** One of the classes other than `label`, by a number in [0, 1). */
function anotherClass(label: number, classes: number, choice: number): number {
  return (label + 1 + Math.floor(choice * (classes - 1))) % classes;
}
