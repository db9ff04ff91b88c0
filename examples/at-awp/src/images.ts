import { random } from "@awp/core";
import { type Augmentation, compose, type Dataset, flip, padCrop, split, subset, synthetic } from "@awp/data";
import { cifar10 } from "@awp/data/node";
import { draws } from "./draws";
import type { Settings } from "./settings";

/** The images of a run. */
export interface Images {
  readonly title: string;
  readonly train: Dataset;
  /** Set aside from the training images; the best epoch is chosen on these. */
  readonly validation: Dataset;
  readonly test: Dataset;
  readonly augment?: Augmentation;
}

/** What each fold of the images' randomness is for. */
const parts = { world: 0, split: 1 } as const;

/** CIFAR-10 from a folder, or synthetic images: the same for the same settings. */
export async function loadImages({ data, seed }: Pick<Settings, "data" | "seed">): Promise<Images> {
  const source = random(seed).fold(draws.images);
  if (data === null) {
    const world = { random: source.fold(parts.world), size: 16 };
    const { train, validation } = split(synthetic({ ...world, count: 1128 }), 128, source.fold(parts.split));
    return {
      title: "synthetic 16×16 images",
      train,
      validation,
      test: synthetic({ ...world, count: 512, split: "test" }),
    };
  }
  const all = await cifar10({ directory: data, split: "train" });
  const { train, validation } = split(
    all,
    Math.min(1000, Math.floor(all.indices.length / 10)),
    source.fold(parts.split),
  );
  const test = await cifar10({ directory: data, split: "test" });
  const augment = compose(padCrop({ mode: "reflect" }), flip());
  return { title: `CIFAR-10 from ${data}`, train, validation, test, augment };
}

/** As many training images as there are test images, so that the two accuracies weigh the same. */
export function trainSample({ train, test }: Images): Dataset {
  return subset(train, { end: Math.min(train.indices.length, test.indices.length) });
}
