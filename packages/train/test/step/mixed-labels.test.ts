import { fgsm, pgd } from "@awp/attacks";
import { type Batch, crossEntropy, type Defense, type Labels, type Mode, random } from "@awp/core";
import { adversarialTraining, trades } from "@awp/defenses";
import { awp } from "@awp/perturb";
import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { compiledTrainStep, sgd, trainStep } from "../../src/index";
import { noiseAttack, seededNetwork, type ToyNetwork, toyBatch, toyNetwork, weightsOf } from "../toy-network";
import { using } from "../using";

const attack = pgd({ norm: "linf", epsilon: 0.05, steps: 2 });
const oneHot = ({ labels }: Batch): tf.Tensor2D =>
  tf.cast(tf.oneHot(labels as tf.Tensor1D, 4) as tf.Tensor2D, "float32");

/** The batch with the share of each label that mixup would give it, and the rest to the next row's. */
function mixedBatch(seed: number, share: number): Batch {
  const batch = toyBatch({ seed, size: 7 });
  const labels = tf.tidy(() => {
    const own = oneHot(batch);
    return tf.add<Labels>(tf.mul(own, share), tf.mul(tf.reverse(own, 0), 1 - share));
  });
  return { ...batch, labels };
}

/** Losses and weights over three steps with AWP. */
function trained(defense: Defense, batch: (draw: number) => Batch, make = trainStep, microBatches = 1): number[] {
  const weights = seededNetwork();
  const [weight, bias] = [...weights.parameters.values()];
  const network: ToyNetwork = using(toyNetwork(weight!, bias!, false));
  weights.dispose();
  const optimizer = using(sgd({ momentum: 0.9 }));
  const step = make({ network, optimizer, defense, weightAttack: awp({ gamma: 0.05 }), microBatches });
  const losses = [0, 1, 2].map((draw) => {
    const { loss } = step(batch(draw), random(1).fold(draw), { learningRate: 0.1 });
    return loss.dataSync()[0] as number;
  });
  return [...losses, ...weightsOf({ ...network, buffers: new Map() })];
}

const defenses = {
  "adversarial training": adversarialTraining({ attack }),
  trades: trades({ attack: noiseAttack(2) }),
} as const;

describe.each(Object.entries(defenses))("a step with AWP of %s on labels that are probabilities", (_name, defense) => {
  it("is that on class indices where each is 1 for one class, bit for bit", () => {
    const plain = trained(defense, (draw) => toyBatch({ seed: draw, size: 7 }));
    expect(trained(defense, (draw) => mixedBatch(draw, 1))).toEqual(plain);
  });

  it("is the same recorded, and in parts within rounding", () => {
    const mixed = (draw: number) => mixedBatch(draw, 0.7);
    const whole = trained(defense, mixed);
    expect(trained(defense, mixed, compiledTrainStep)).toEqual(whole);
    expect(relativeDeviation(trained(defense, mixed, trainStep, 3), whole)).toBeLessThan(1e-5);
    expect(trained(defense, (draw) => mixedBatch(draw, 1))).not.toEqual(whole);
  });
});

describe("adversarial training on mixed labels", () => {
  it("attacks against both labels and descends the mixed loss, also in the weight attack", () => {
    const network = using(seededNetwork());
    const batch = mixedBatch(0, 0.7);
    const plain = toyBatch({ seed: 0, size: 7 });
    const other = { ...plain, labels: tf.reverse(plain.labels, 0) };
    const defense = adversarialTraining({
      attack: fgsm({ norm: "linf", epsilon: 0.05 }),
      attackMode: "eval",
    });
    const images = defense.attack(network, batch, random(0));
    const slope = tf.grad((x: tf.Tensor) => {
      const logits = network.forward(x as tf.Tensor4D, "eval");
      const [own, next] = [crossEntropy(logits, plain.labels), crossEntropy(logits, other.labels)];
      return tf.sum(tf.add(tf.mul(own, 0.7), tf.mul(next, 0.3)));
    })(plain.images);
    const expected = tf.clipByValue(tf.add(plain.images, tf.mul(tf.sign(slope), 0.05)), 0, 1);
    expect(relativeDeviation(images, expected)).toBeLessThan(1e-6);
    for (const mode of ["train-frozen", "train"] as const satisfies Mode[]) {
      const [mixed, own, next] = [batch, plain, other].map((each) => defense.loss(network, each, images, mode));
      const sum = tf.add(tf.mul(own!, 0.7), tf.mul(next!, 0.3));
      expect(relativeDeviation(mixed!, sum)).toBeLessThan(1e-6);
    }
  });
});
