import { random } from "@awp/core";
import { type Augmentation, compose, type Dataset, flip, padCrop, split, subset, synthetic } from "@awp/data";
import { cifar10 } from "@awp/data/node";
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

/** CIFAR-10 from a folder, or synthetic images: the same for the same settings. */
export async function loadImages({ data, seed }: Pick<Settings, "data" | "seed">): Promise<Images> {
  const draws = random(seed).fold(0);
  if (data === null) {
    const world = { random: draws.fold(0), size: 16 };
    const { train, validation } = split(synthetic({ ...world, count: 1128 }), 128, draws.fold(1));
    return {
      title: "synthetic 16×16 images",
      train,
      validation,
      test: synthetic({ ...world, count: 512, split: "test" }),
    };
  }
  const all = await cifar10({ directory: data, split: "train" });
  const { train, validation } = split(all, Math.min(1000, Math.floor(all.indices.length / 10)), draws.fold(1));
  const test = await cifar10({ directory: data, split: "test" });
  const augment = compose(padCrop({ mode: "reflect" }), flip());
  return { title: `CIFAR-10 from ${data}`, train, validation, test, augment };
}

/** As many training images as there are test images, so that the two accuracies weigh the same. */
export function trainSample({ train, test }: Images): Dataset {
  return subset(train, { end: Math.min(train.indices.length, test.indices.length) });
}
