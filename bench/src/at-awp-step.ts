import { pgd } from "@awp/attacks";
import { type Attack, type Batch, type Images, type Network, random, uniform } from "@awp/core";
import { adversarialTraining } from "@awp/defenses";
import { compiledTrainStep, sgd, type TrainStep, trainStep } from "@awp/train";
import { awp } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";

/** Noise with labels in turn: what a step costs does not depend on what the images show. */
export function noiseBatch(batch: number, size: number, seed = 1): Batch {
  return {
    images: uniform(random(seed), [batch, size, size, 3]) as Images,
    labels: tf.tensor1d(
      Array.from({ length: batch }, (_, i) => i % 10),
      "int32",
    ),
    indices: Int32Array.from({ length: batch }, (_, i) => i),
  };
}

/** The paper's attack, ℓ∞, of so many steps. */
export function attackOf(steps: number): Attack {
  return pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps });
}

/** The paper's step: PGD-10 in ℓ∞, AWP with γ = 0.01, SGD; recorded by way of `compileStep`, or not. */
export function atAwpStep(network: Network, recorded: boolean): TrainStep & { dispose(): void } {
  const defense = adversarialTraining({ attack: attackOf(10) });
  const optimizer = sgd({ momentum: 0.9, weightDecay: 5e-4 });
  const options = { network, defense, optimizer, weightAttack: awp({ gamma: 0.01 }) };
  const compiled = recorded ? compiledTrainStep(options) : undefined;
  const dispose = (): void => {
    compiled?.dispose();
    optimizer.dispose();
  };
  const step: TrainStep = compiled === undefined ? trainStep(options) : (...call) => compiled(...call);
  return Object.assign(step, { dispose });
}
