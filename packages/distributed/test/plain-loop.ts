import { type Batch, type Images, type Mode, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { options, type Settings, type Trained } from "./training";

/**
 * What `size` replicas of a network come to under AT-AWP, in a loop that keeps one network and goes through their rows in
 * turn: a v for all of the gradient averaged over them, with weight decay at w + v, or one for each, with decay at w. Knows nothing of groups; wants attacks without
 * noise.
 */
export async function trainedReplicas(size: number, settings: Settings): Promise<Trained> {
  const { network, defense, epochs, batches, random: source, average } = options({ rank: 0, size: 1 }, settings);
  average?.dispose();
  const [gamma, rate, momentum, decay, emaDecay] = [0.01, 0.1, 0.9, 5e-4, 0.9];
  const weights = [...network.parameters.values()];
  const statistics = [...network.buffers.values()];
  const slots = weights.map((weight) => tf.tidy(() => tf.variable(tf.zerosLike(weight))));
  const averages = weights.map((weight) => tf.tidy(() => tf.variable(tf.clone(weight))));
  const losses: number[] = [];

  type Part = { readonly images: Images; readonly labels: tf.Tensor; readonly share: number };
  const rowsOf = ({ images, labels, indices }: Batch, rank: number) => {
    const n = indices.length;
    const [start, end] = [Math.floor((rank * n) / size), Math.floor(((rank + 1) * n) / size)];
    const [own, right] = [images, labels].map((all) => tf.slice(all, start, end - start));
    return {
      images: own as Images,
      labels: right as tf.Tensor1D,
      indices: indices.slice(start, end),
      share: (end - start) / n,
    };
  };
  const lossOf = ({ images, labels }: Part, mode: Mode): tf.Scalar =>
    tf.losses.softmaxCrossEntropy(tf.oneHot(tf.cast(labels, "int32"), 4), network.forward(images, mode)) as tf.Scalar;
  const slope = (part: Part, mode: Mode) => {
    const { value, grads } = tf.variableGrads(() => lossOf(part, mode), weights);
    return { value, of: weights.map((weight) => grads[weight.name] as tf.Tensor) };
  };
  /** Of the gradients of the parts, each weighed by its share. */
  const mean = (found: readonly (readonly tf.Tensor[])[], parts: readonly Part[]) =>
    weights.map((_, k) => tf.addN(found.map((of, rank) => tf.mul(of[k] as tf.Tensor, parts[rank]!.share))));
  const along = (gradient: readonly tf.Tensor[]) =>
    weights.map((weight, k) => {
      if (weight.rank < 2) return tf.zerosLike(weight);
      return tf.mul(
        gradient[k] as tf.Tensor,
        tf.div(tf.mul(gamma, tf.norm(weight)), tf.norm(gradient[k] as tf.Tensor)),
      );
    });

  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const batch of batches(epoch, source.fold(0).fold(epoch)) as Iterable<Batch>) {
      tf.tidy(() => {
        const parts = Array.from({ length: size }, (_, rank) => {
          const part = rowsOf(batch, rank);
          return { ...part, images: defense.attack(network, part, random(0)) };
        });
        const own = parts.map((part) => slope(part, "train-frozen").of);
        const common = along(mean(own, parts));
        const before = weights.map((weight) => tf.clone(weight as tf.Tensor));
        const statisticsBefore = statistics.map((statistic) => tf.clone(statistic as tf.Tensor));
        let followed: tf.Tensor[] = [];
        const found = parts.map((part, rank) => {
          const v = settings.weightAttack === "per-rank" ? along(own[rank]!) : common;
          weights.forEach((weight, k) => weight.assign(tf.add(before[k] as tf.Tensor, v[k] as tf.Tensor)));
          statistics.forEach((statistic, k) => statistic.assign(statisticsBefore[k] as tf.Tensor));
          const { value, of } = slope(part, "train");
          if (rank === 0) followed = statistics.map((statistic) => tf.clone(statistic as tf.Tensor));
          const at = settings.weightAttack === "per-rank" ? before : weights;
          const decayed = of.map((gradient, k) => tf.add(gradient, tf.mul(decay, at[k] as tf.Tensor)));
          weights.forEach((weight, k) => weight.assign(before[k] as tf.Tensor));
          return { value, decayed };
        });
        statistics.forEach((statistic, k) => statistic.assign(followed[k] as tf.Tensor));
        losses.push(found.reduce((sum, { value }, rank) => sum + value.dataSync()[0]! * parts[rank]!.share, 0));
        const gradient = mean(
          found.map(({ decayed }) => decayed),
          parts,
        );
        weights.forEach((weight, k) => {
          const [slot, ema] = [slots[k] as tf.Variable, averages[k] as tf.Variable];
          slot.assign(tf.add(tf.mul(slot, momentum), gradient[k] as tf.Tensor));
          weight.assign(tf.sub(weight, tf.mul(slot, rate)));
          ema.assign(tf.add(tf.mul(ema, emaDecay), tf.mul(weight, 1 - emaDecay)));
        });
      });
      tf.dispose([batch.images, batch.labels]);
    }
  }
  const numbers = (tensors: readonly tf.Tensor[]) => tensors.flatMap((tensor) => [...tensor.dataSync()]);
  const result = {
    weights: numbers(weights),
    // Those of the averaged weights are the live ones, as they were when the epoch ended.
    statistics: [...numbers(statistics), ...numbers(statistics)],
    momentum: numbers(slots),
    average: numbers(averages),
    losses,
  };
  tf.dispose([...weights, ...statistics, ...slots, ...averages]);
  return Promise.resolve(result);
}
