import type { Classifier } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { type AdaptedModelOptions, readingOf } from "./ending";
import { endingOfGraphModel, type GraphOutputs } from "./graph-ending";
import { logitsOf } from "./logits";

/** The part of a `tf.GraphModel` that {@link fromGraphModel} uses. */
export interface GraphModelLike extends GraphOutputs {
  predict(inputs: tf.Tensor): unknown;
  execute?(inputs: tf.Tensor, outputs: string): unknown;
}

/**
 * A differentiable classifier made of a `tf.GraphModel`. It answers with logits as {@link fromLayersModel} does: a graph
 * that ends in a softmax or a sigmoid is executed up to the node before.
 *
 * @throws ArgumentError for a graph with several outputs, and for an `output` that contradicts its structure, or is
 * missing where an operation that may be anything ends it; when applied, if the answer is not `[batch, classes]`
 * @example
 * const classifier = fromGraphModel(await tf.loadGraphModel("https://example.org/model.json"));
 */
export function fromGraphModel(model: GraphModelLike, options: AdaptedModelOptions = {}): Classifier {
  const { bare, output } = readingOf(endingOfGraphModel(model), options);
  if (bare === undefined) return (x) => tf.tidy(() => logitsOf(onlyOne(model.predict(x)), output));
  return (x) => tf.tidy(() => logitsOf(rows(onlyOne(model.execute?.(x, bare))), output));
}

/** The tensor of a record that has one alone: some graphs name their outputs. */
function onlyOne(answer: unknown): unknown {
  if (answer instanceof tf.Tensor || typeof answer !== "object" || answer === null) return answer;
  const values: readonly unknown[] = Object.values(answer);
  return values.length === 1 ? values[0] : answer;
}

/** What stands before the softmax as `[batch, classes]`: the reshaping behind it is not executed. */
function rows(answer: unknown): tf.Tensor {
  const shape: readonly number[] = answer instanceof tf.Tensor ? (answer as tf.Tensor).shape : [];
  const isRows = shape.length >= 2 && shape.slice(1, -1).every((size) => size === 1);
  requireArgument(isRows, "model", shape, "one output [batch, classes]");
  return tf.reshape(answer as tf.Tensor, [shape[0] as number, shape.at(-1) as number]);
}
