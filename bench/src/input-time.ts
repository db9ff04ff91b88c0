import { type Batch, random } from "@awp/core";
import { permutation } from "@awp/core/authoring";
import { batches, compose, type Dataset, dataset, disposeBatch, flip, padCrop } from "@awp/data";
import * as tf from "@tensorflow/tfjs-core";

/** What an image costs on its way into a batch, in microseconds of a processor. */
export interface InputTime {
  readonly part: string;
  readonly microseconds: number;
}

const [count, batchSize, batchesTimed] = [50_000, 128, 8];
const shape = [32, 32, 3] as const;
const size = shape[0] * shape[1] * shape[2];
const augment = compose(padCrop({ padding: 4 }), flip());

/**
 * The parts of making batches of 128 images as CIFAR-10 has them, shuffled, cropped and flipped, each alone, and then all
 * of it. It is the process's own time on all cores, the collection of its memory included: the mean of many batches, as the
 * collection falls on few of them.
 */
export function timeInput(repeats: number): readonly InputTime[] {
  const images = madeUp();
  const draws = random(0).fold(1);
  const augmented = (row: number): unknown =>
    augment(images.images.subarray(row * size, (row + 1) * size), shape, draws.forRows(Int32Array.of(row)));
  const pixels = new Float32Array(batchSize * size).fill(0.5);
  const perImage = batchSize * batchesTimed;

  const order = time(repeats, count, () => permutation(random(0), count));
  const augmentation = time(repeats, perImage, () => {
    for (let row = 0; row < perImage; row++) augmented(row);
  });
  const upload = time(repeats, perImage, () => {
    for (let batch = 0; batch < batchesTimed; batch++) tf.tensor4d(pixels, [batchSize, ...shape]).dispose();
  });
  const plain = time(repeats, perImage, taking(batches(images, { batchSize })));
  const all = time(repeats, perImage, taking(batches(images, { batchSize, random: random(0), augment })));
  return [
    { part: "order", microseconds: order },
    { part: "crop and flip", microseconds: augmentation },
    { part: "gather and scale", microseconds: plain - upload },
    { part: "upload", microseconds: upload },
    { part: "all of it", microseconds: all },
  ];
}

function madeUp(): Dataset {
  const images = new Uint8Array(count * size);
  for (let i = 0; i < images.length; i++) images[i] = Math.imul(i, 0x9e3779b1) >>> 24;
  return dataset({ images, labels: new Uint8Array(count), shape, classNames: ["any"] });
}

/** Takes so many batches at each call; the order of an epoch is made before, and not again until the epoch is over. */
function taking(all: Iterable<Batch>): () => void {
  const endless = (function* () {
    for (;;) yield* all;
  })();
  return () => {
    for (let batch = 0; batch < batchesTimed; batch++) disposeBatch(endless.next().value as Batch);
  };
}

function time(repeats: number, images: number, run: () => void): number {
  for (let warmUp = 0; warmUp < 5; warmUp++) run();
  const started = process.cpuUsage();
  for (let repeat = 0; repeat < repeats; repeat++) run();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / images / repeats;
}
