import { type Images, random, uniform, valueAndGradient } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { expect, it } from "vitest";
import { fromGraphModel, fromLayersModel } from "../../src";

const images = () => uniform(random(1), [2, 4, 4, 1]) as Images;

function layersModel(): layers.Sequential {
  return layers.sequential({
    layers: [
      layers.layers.flatten({ inputShape: [4, 4, 1] }),
      layers.layers.dropout({ rate: 0.9 }),
      layers.layers.dense({ units: 3 }),
    ],
  });
}

it("a LayersModel classifies, without its dropout, and is differentiable", async () => {
  const model = layersModel();
  const classifier = fromLayersModel(model);
  const x = images();
  const [kernel] = model.getWeights() as [tf.Tensor2D];
  const expected = await tf.matMul(tf.reshape(x, [2, 16]), kernel).data();
  const logits = await classifier(x).data();
  for (const [index, logit] of logits.entries()) expect(logit).toBeCloseTo(expected[index] as number, 5);

  const { gradient, connected } = valueAndGradient((x) => tf.sum(classifier(x), 1), x);
  expect(connected).toBe(true);
  const slope = tf.reshape(tf.sum(kernel, 1), [1, 4, 4, 1]);
  expect((await tf.max(tf.abs(tf.sub(gradient, slope))).data())[0]).toBeLessThan(1e-6);
  model.dispose();
});

it("a GraphModel is asked to predict", () => {
  const logits = tf.tensor2d([[1, 2]]);
  expect(fromGraphModel({ predict: () => logits })(images())).toBe(logits);
});

it("a model that does not return one [batch, classes] is refused", () => {
  const logits = tf.zeros([2, 3]);
  expect(() => fromLayersModel({ apply: () => [logits, logits] })(images())).toThrow("model: got");
  expect(() => fromLayersModel({ apply: () => tf.zeros([2, 3, 1]) })(images())).toThrow("want one output");
});
