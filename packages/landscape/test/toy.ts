import { type Batch, type Images, type Network, random, uniform } from "@awp/core";
import { smallCnn } from "@awp/models";
import * as tf from "@tensorflow/tfjs-core";

/** A small network with batch normalisation, whose running statistics have moved. */
export function toyNetwork(): Network {
  const network = smallCnn({ classes: 4, widths: [4, 8], random: random(3) });
  tf.tidy(() => void network.forward(uniform(random(4), [16, 6, 6, 3]) as Images, "train"));
  return network;
}

/** `count` images of noise, the same ones however they are put into batches. */
export function toyBatches({
  count = 12,
  size = 12,
}: {
  readonly count?: number;
  readonly size?: number;
} = {}): () => Iterable<Batch> {
  return function* () {
    for (let start = 0; start < count; start += size) {
      const indices = Int32Array.from({ length: Math.min(size, count - start) }, (_, row) => start + row);
      const images = uniform(random(7).forRows(indices), [indices.length, 6, 6, 3]) as Images;
      const labels = tf.tensor1d(
        Array.from(indices, (index) => index % 4),
        "int32",
      );
      yield { images, labels, indices };
    }
  };
}

/** Everything of a network that may change, as numbers. */
export function stateOf({ parameters, buffers }: Network): readonly number[] {
  return [...parameters.values(), ...buffers.values()].flatMap((variable) => [...variable.dataSync()]);
}
