import { AwpError, random } from "@awp/core";
import { type Augmentation, compose, type Dataset, flip, padCrop, split, subset, synthetic } from "@awp/data";
import { cifar10, cifar100 } from "@awp/data/node";
import type { TrainConfig } from "./config/schema";
import { draws } from "./draws";

/** The images of a run. */
export interface Images {
  readonly train: Dataset;
  /** Set aside from the training images; the best epoch is chosen on these. */
  readonly validation: Dataset;
  readonly test: Dataset;
  readonly augment: Augmentation | undefined;
}

/** What each fold of the images' randomness is for. */
const parts = { world: 0, split: 1 } as const;

/** What images, and the seed of what is drawn of them. */
interface ImagesWanted extends Pick<TrainConfig, "data"> {
  readonly seed: number;
}

/**
 * The images that the settings name: the same for the same settings.
 *
 * @throws DataError for a file that is missing or damaged; AwpError where there are fewer images than the settings want.
 */
export async function loadImages({ data, seed }: ImagesWanted): Promise<Images> {
  const source = random(seed).fold(draws.images);
  const augment = data.augment ? compose(padCrop({ mode: "reflect" }), flip()) : undefined;
  const { all, test } = await loaded();
  const wanted = data.train === null ? undefined : data.train + data.validation;
  const { train, validation } = split(atMost("data.train", all, wanted), data.validation, source.fold(parts.split));
  return { train, validation, test, augment };

  async function loaded(): Promise<{ readonly all: Dataset; readonly test: Dataset }> {
    if (data.name === "synthetic") {
      const world = { random: source.fold(parts.world), size: data.size };
      const all = synthetic({ ...world, count: data.train + data.validation });
      return { all, test: synthetic({ ...world, count: data.test, split: "test" }) };
    }
    const { directory } = data;
    const load = data.name === "cifar10" ? cifar10 : cifar100;
    const [all, test] = await Promise.all([load({ directory }), load({ directory, split: "test" })]);
    if (data.validation >= all.indices.length) {
      throw new AwpError(`data.validation: ${data.validation}; there are ${all.indices.length} images in ${directory}`);
    }
    return { all, test: atMost("data.test", test, data.test ?? undefined) };
  }
}

function atMost(field: string, images: Dataset, count: number | undefined): Dataset {
  const { length } = images.indices;
  if (count !== undefined && count > length) {
    throw new AwpError(`${field}: together that is ${count} images, and there are ${length}`);
  }
  return subset(images, { end: count ?? length });
}

/** The first images of each part: for two batches. */
export function twoBatches({ train, validation, test, augment }: Images, batchSize: number): Images {
  const few = (images: Dataset): Dataset => subset(images, { end: Math.min(2 * batchSize, images.indices.length) });
  return { train: few(train), validation: few(validation), test: few(test), augment };
}

/** As many training images as there are test images, so that the two accuracies weigh the same. */
export function trainSample({ train, test }: Images): Dataset {
  return subset(train, { end: Math.min(train.indices.length, test.indices.length) });
}
