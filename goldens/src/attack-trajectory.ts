import { type Classifier, crossEntropy, type IterativeAttack, misclassified, perExampleNorm, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { AttackProblem } from "./attack-problem";

/** An attack's way, on the host. */
export interface Trajectory {
  /** Mean cross-entropy before each step. */
  readonly losses: readonly number[];
  /** Cross-entropy of each image that the attack returned. */
  readonly finalLosses: readonly number[];
  /** Whether each of them is still recognised. */
  readonly robust: readonly boolean[];
  /** Norms of each perturbation. */
  readonly linf: readonly number[];
  readonly l2: readonly number[];
}

/** Runs an attack in evaluation mode and watches the classifier that it climbs on. */
export async function trajectory(
  attack: IterativeAttack<unknown>,
  { network, x, y }: AttackProblem,
): Promise<Trajectory> {
  const classifier: Classifier = (images) => network.forward(images, "eval");
  const watched: tf.Tensor[] = [];
  const images = attack(
    (images) => {
      const logits = classifier(images);
      watched.push(tf.keep(tf.mean(crossEntropy(logits, y))));
      return logits;
    },
    x,
    y,
    random(0),
  );
  const figures = tf.tidy(() => {
    const logits = classifier(images);
    const delta = tf.sub(images, x);
    return [
      crossEntropy(logits, y),
      misclassified(logits, y),
      perExampleNorm(delta, "linf"),
      perExampleNorm(delta, "l2"),
    ] as const;
  });
  try {
    const read = async (tensor: tf.Tensor) => [...(await tensor.data())];
    const [finalLosses, errors, linf, l2] = (await Promise.all(figures.map(read))) as [
      number[],
      number[],
      number[],
      number[],
    ];
    const losses = (await Promise.all(watched.map(read))).flat();
    return { losses, finalLosses, robust: errors.map((error) => error === 0), linf, l2 };
  } finally {
    tf.dispose([images, ...watched, ...figures]);
  }
}
