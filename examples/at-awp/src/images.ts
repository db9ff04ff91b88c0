import type { Random } from "@awp/core";
import { type Augmentation, cifar10, compose, type Dataset, flip, padCrop, split, subset, synthetic } from "@awp/data";

/** The images of a run. */
export interface Images {
  readonly title: string;
  readonly train: Dataset;
  /** Set aside from the training images; the best epoch is chosen on these. */
  readonly validation: Dataset;
  readonly test: Dataset;
  readonly augment?: Augmentation;
}

/** CIFAR-10 from `directory`, or synthetic images. */
export async function loadImages(directory: string | null, random: Random): Promise<Images> {
  if (directory === null) {
    const world = { random: random.fold(0), size: 16, labelNoise: 0 };
    const { train, validation } = split(synthetic({ ...world, count: 1280 }), 128, random.fold(1));
    return { title: "synthetic 16×16", train, validation, test: synthetic({ ...world, count: 1024, split: "test" }) };
  }
  const all = await cifar10({ directory, split: "train" });
  const { train, validation } = split(all, Math.min(1000, Math.floor(all.indices.length / 10)), random.fold(1));
  const test = await cifar10({ directory, split: "test" });
  return {
    title: `CIFAR-10 in ${directory}`,
    train,
    validation,
    test,
    augment: compose(padCrop({ mode: "reflect" }), flip()),
  };
}

/** As many training images as there are test images, so that the two accuracies weigh the same. */
export function trainSample({ train, test }: Images): Dataset {
  return subset(train, { end: Math.min(train.indices.length, test.indices.length) });
}
