import { parameterGradients, valueAndGradient } from "@awp/core";
import { updateMovingAverage } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { alike, type Assign, type Scene } from "./assignments";
import type { Choices } from "./choices";
import { convolved, tamed } from "./reads";

/** A loss that reads the variables in convolutions, products and squares, the same ones at every evaluation. */
export function lossOf({ variables, image, made }: Scene, choices: Choices): () => tf.Scalar {
  const start = choices.below(2 ** 31);
  const constant = tf.mean(tamed(choices.of(made)));
  return () => {
    const terms = floats(variables).map((variable, index) => {
      const own = choices.fork(start + index);
      const w = tamed(variable);
      if (variable.rank === 4 && own.chance(0.7)) return tf.mean(tamed(convolved(image, w, own)));
      if (variable.rank === 2 && own.chance(0.5)) return tf.mean(tf.matMul(w as tf.Tensor2D, w as tf.Tensor2D, true));
      return tf.mean(own.chance(0.5) ? tf.square(w) : tf.mul(w, w));
    });
    return tf.addN([tf.mul(constant, 0.5), tf.square(constant), ...terms]) as tf.Scalar;
  };
}

/** Every variable by its gradient. */
export const gradientStep: Assign = (_, scene, choices) => {
  const loss = lossOf(scene, choices);
  const weights = floats(scene.variables);
  if (weights.length === 0) return;
  const byName = new Map(weights.map((weight) => [weight.name, weight]));
  const gradients = choices.chance(0.5)
    ? parameterGradients(loss, byName).gradients
    : new Map(Object.entries(tf.variableGrads(loss, weights).grads));
  for (const [name, weight] of byName) descend(weight, gradients.get(name) as tf.Tensor);
};

/** The weights at w + v, a gradient there, the weights put back, and then moved: as AWP does. */
export const perturbedStep: Assign = (variable, scene, choices) => {
  if (variable.dtype !== "float32") return;
  const snapshot = tf.clone<tf.Tensor>(variable);
  variable.assign(tf.add(variable, tf.mul(tf.sign(variable), 0.25)));
  const { gradients } = parameterGradients(lossOf(scene, choices), new Map([["w", variable]]));
  variable.assign(snapshot);
  if (choices.chance(0.8)) descend(variable, gradients.get("w") as tf.Tensor);
};

/** SGD with momentum, whose buffer is another variable of the same shape, or itself. */
export const momentumStep: Assign = (variable, scene, choices) => {
  const buffer = choices.of(alike(variable, scene));
  if (variable.dtype !== "float32") return;
  const inner = choices.fork(0);
  const { gradient } = valueAndGradient((w: tf.Tensor) => {
    const y = w.rank === 4 ? convolved(scene.image, w, inner) : tf.square(w);
    return tf.mean(tamed(y));
  }, variable as tf.Tensor);
  if (choices.chance(0.5)) {
    buffer.assign(tf.add(tf.mul(buffer, 0.875), gradient));
    descend(variable, buffer);
    return;
  }
  const inputs = { learningRate: tf.scalar(0.25), weight0: variable, gradient0: gradient, buffer0: buffer };
  const attributes = { count: 1, momentum: 0.875, nesterov: choices.chance(0.5) };
  const [weight, moved] = tf.engine().runKernel<tf.Tensor[]>("SgdUpdate", inputs, attributes);
  buffer.assign(moved as tf.Tensor);
  variable.assign(weight as tf.Tensor);
};

/** A running average of another variable, as batch normalisation keeps one. */
export const averageStep: Assign = (variable, scene, choices) => {
  if (variable.dtype !== "float32") return;
  updateMovingAverage(variable, tf.square(choices.of(alike(variable, scene))), 0.25, 1);
};

function descend(weight: tf.Variable, gradient: tf.Tensor): void {
  weight.assign(tf.sub(weight, tf.mul(gradient, 0.25)));
}

function floats(variables: readonly tf.Variable[]): tf.Variable[] {
  return variables.filter(({ dtype }) => dtype === "float32");
}
