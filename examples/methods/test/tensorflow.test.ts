import { evaluate, fgsm, klObjective, marginObjective, pgd } from "@awp/attacks";
import {
  type Batch,
  type Classifier,
  crossEntropy,
  dlr,
  drain,
  type Labels,
  type Logits,
  type Network,
  projectOntoThreat,
  type Random,
  random,
  targetedDlr,
  uniform,
  valueAndGradient,
} from "@awp/core";
import { batches, disposeBatch, normalizations, normalized, synthetic } from "@awp/data";
import { adversarialTraining } from "@awp/defenses";
import { sgd, trainStep } from "@awp/train";
import { disposeNetwork, preActResNet, smallCnn, wideResNet } from "@awp/models";
import { awp, randomWeightPerturbation, withPerturbation } from "@awp/perturb";
import { registerTensorflowStandIn } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";

// Everything that a training and an evaluation call, on the kernels of tfjs-node-gpu alone. A kernel that it lacks, or
// padding that it refuses, throws here.
beforeAll(() => registerTensorflowStandIn());
afterAll(() => tf.setBackend("cpu"));

const networks: Record<string, (random: Random) => Network> = {
  "small CNN": (r) => smallCnn({ classes: 4, random: r, widths: [4, 8] }),
  PreActResNet: (r) => preActResNet({ blocks: [1, 1, 1, 1], width: 4, classes: 4, random: r }),
  WideResNet: (r) => wideResNet({ depth: 10, widen: 1, classes: 4, random: r }),
};

/** Images as small as the networks allow: which kernels run does not depend on their size. */
const data = (): Batch => {
  const [batch] = batches(synthetic({ count: 3, classes: 4, size: 4, random: random(3) }), { batchSize: 3 });
  return batch as Batch;
};

test.each(Object.keys(networks))(
  "a training step of %s with AWP on tfjs-node-gpu's kernels gives the weights that it gives on cpu",
  async (name) => {
    const trained = async (backend: string): Promise<Float32Array[]> => {
      await tf.setBackend(backend);
      const network = networks[name]?.(random(1)) as Network;
      const optimizer = sgd({ momentum: 0.9, weightDecay: 5e-4 });
      const step = trainStep({
        network,
        defense: adversarialTraining({
          attack: pgd({ norm: "linf", epsilon: 8 / 255, steps: 2 }),
          auxiliaryForwards: true,
        }),
        optimizer,
        weightAttack: awp({ gamma: 0.01, steps: 2 }),
      });
      const batch = data();
      for (const seed of [1, 2]) step(batch, random(seed), { learningRate: 0.1 }).loss.dispose();
      const weights = [...network.parameters.values(), ...network.buffers.values()].map((v) => v.dataSync().slice());
      disposeBatch(batch);
      optimizer.dispose();
      disposeNetwork(network);
      return weights as Float32Array[];
    };
    expect(await trained("tensorflow")).toEqual(await trained("cpu"));
  },
);

test("attacks, evaluation, perturbations and losses run on tfjs-node-gpu's kernels", async () => {
  await tf.setBackend("tensorflow");
  const network = smallCnn({ classes: 4, random: random(1), widths: [4, 8] });
  const classifier: Classifier = normalized((x) => network.forward(x, "eval"), normalizations.cifar10);
  const dataset = synthetic({ count: 6, classes: 4, size: 8, random: random(3) });
  const target = (y: tf.Tensor1D) => tf.cast(tf.mod<tf.Tensor1D>(tf.add(y, 1), 4), "int32");
  const attacks = [
    fgsm({ norm: "l2", epsilon: 0.5 }),
    pgd({ norm: "l2", epsilon: 0.5, steps: 2, restarts: 2, objective: marginObjective() }),
    pgd({ norm: "linf", epsilon: 8 / 255, steps: 2, start: "gaussian", objective: klObjective() }),
    pgd({ norm: "linf", epsilon: 8 / 255, steps: 2, goal: { kind: "targeted", target } }),
  ];
  for (const attack of attacks) {
    const result = await drain(
      evaluate({ classifier, attack, batches: batches(dataset, { batchSize: 4 }), random: random(5) }),
    );
    expect(result.examples).toBe(6);
    expect(result.nan).toBe(0);
  }

  const { images, labels } = data();
  for (const loss of [dlr, (z: Logits, y: Labels) => targetedDlr(z, y, target(y as tf.Tensor1D))]) {
    const { gradient } = valueAndGradient((x) => loss(classifier(x), labels), images);
    expect(Number.isFinite(tf.sum(gradient).dataSync()[0])).toBe(true);
  }
  const far = tf.add(images, uniform(random(7), images.shape, -1, 1)) as tf.Tensor4D;
  for (const norm of ["linf", "l2", "l1"] as const) projectOntoThreat(far, images, { norm, epsilon: 0.5 });

  for (const scaling of ["layer", "filter", "global"] as const) {
    const loss = (): tf.Scalar => tf.mean(crossEntropy(network.forward(images, "train-frozen"), labels));
    for (const find of [awp({ gamma: 0.01, scaling }), randomWeightPerturbation({ gamma: 0.01, scaling })]) {
      const perturbation = find(network.parameters, loss, random(11));
      withPerturbation(network.parameters, perturbation, loss).dispose();
      perturbation.dispose();
    }
  }
  disposeNetwork(network);
});

test("the stand-in refuses what tfjs-node-gpu refuses", async () => {
  await tf.setBackend("tensorflow");
  const x = tf.ones([1, 4, 4, 1]) as tf.Tensor4D;
  const filter = tf.ones([3, 3, 1, 1]) as tf.Tensor4D;
  expect(() => tf.conv2d(x, filter, 1, 1)).toThrow("only 'valid' and 'same' padding");
  expect(() => tf.einsum("ij->i", tf.ones([2, 2]))).not.toThrow();
  expect(() => tf.searchSorted(tf.tensor1d([1, 2]), tf.tensor1d([1]))).toThrow("SearchSorted");
});
