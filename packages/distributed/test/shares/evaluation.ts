import { createHash } from "node:crypto";
import { autoAttack, encodeAutoAttackState, pgd } from "@awp/attacks";
import { type Batch, type Classifier, drain, type Images, type ProcessGroup, random, uniform } from "@awp/core";
import { landscape, randomDirection } from "@awp/landscape";
import { disposeNetwork, smallCnn } from "@awp/models";
import * as tf from "@tensorflow/tfjs-core";

/** A layer of random weights, and logits so large that cross-entropy has no gradient but near the boundary. */
const classifier: Classifier = (x) =>
  tf.tidy(() => {
    const [first, second] = [uniform(random(1), [48, 24], -1, 1), uniform(random(2), [24, 5], -1, 1)];
    const hidden = tf.relu(tf.matMul(tf.sub(tf.reshape(x, [-1, 48]), 0.5), first));
    return tf.mul<tf.Tensor2D>(tf.matMul(hidden, second), 400);
  });

/** 13 images of noise with the classifier's answers for labels, in batches of that size. */
function* inBatches(size: number): Generator<Batch> {
  for (let start = 0; start < 13; start += size) {
    const indices = Int32Array.from({ length: Math.min(size, 13 - start) }, (_, row) => start + row);
    const images = uniform(random(3).forRows(indices), [indices.length, 4, 4, 3]) as Images;
    yield { images, labels: tf.tidy(() => tf.cast(tf.argMax(classifier(images), 1), "int32")), indices };
  }
}

/** AutoAttack and a landscape, told as text, but for what a clock decides. */
export async function evaluated(group?: ProcessGroup): Promise<string> {
  const shared = { random: random(4), ...(group && { group }) };
  const states = createHash("sha256");
  const { stages, ...report } = await drain(
    autoAttack({
      ...{ norm: "linf", epsilon: 0.02, classifier, stages: ["apgd-ce", "apgd-t"], ...shared },
      ...{ batches: inBatches(13), batchSize: 3 },
    }),
    ({ state }) => {
      const timeless = state.stages.map((stage) => ({ ...stage, seconds: 0 }));
      states.update(encodeAutoAttackState({ ...state, stages: timeless }));
    },
  );
  const network = smallCnn({ classes: 5, widths: [4, 8], random: random(5) });
  const direction = randomDirection(network.parameters, random(6));
  const drawn = await drain(
    landscape({
      ...{ network, batches: () => inBatches(5), pregenerated: true, ...shared },
      axes: [{ direction, positions: [-2, -1, 0, 1, 2] }],
      attack: pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 4 / 255, steps: 2 }),
    }),
  );
  direction.dispose();
  disposeNetwork(network);
  const timeless = stages.map((stage) => ({ ...stage, seconds: 0 }));
  return JSON.stringify({ ...report, stages: timeless, states: states.digest("hex"), drawn });
}
