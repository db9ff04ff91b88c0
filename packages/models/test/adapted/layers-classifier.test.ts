import { pgd } from "@awp/attacks";
import { crossEntropy, type Images, type Labels, random, valueAndGradient } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { describe, expect, it } from "vitest";
import { fromLayersModel } from "../../src";
import { images, modelEndingIn, twins } from "./layers-twin";

const labels = () => tf.tensor1d([0, 1, 2], "int32");
const attack = pgd({ norm: "linf", epsilon: 0.1, stepSize: 0.03, steps: 4 });

describe.each(Object.entries(twins))("a model that ends in %s", (_, make) => {
  it("answers with the logits of the model without it, and attacks find the same images", async () => {
    const [model, bare] = make();
    const [classifier, twin] = [fromLayersModel(model), fromLayersModel(bare)];
    const x = images();
    expect(await classifier(x).array()).toEqual(await twin(x).array());
    const [found, wanted] = [classifier, twin].map((f) => attack(f, x, labels(), random(2)));
    expect(await (found as Images).array()).toEqual(await (wanted as Images).array());
    tf.dispose([model, bare].flatMap((each) => each.getWeights()));
  });

  it("is left as it is", async () => {
    const [model, bare] = make();
    const before = await (model.predict(images()) as tf.Tensor).array();
    fromLayersModel(model)(images());
    expect(await (model.predict(images()) as tf.Tensor).array()).toEqual(before);
    for (const row of before as number[][]) expect(row.reduce((sum, p) => sum + p)).toBeCloseTo(1, 5);
    tf.dispose([model, bare].flatMap((each) => each.getWeights()));
  });
});

it("a model without a softmax answers as it is, without its dropout, and is differentiable", async () => {
  const model = layers.sequential({
    layers: [
      layers.layers.flatten({ inputShape: [6, 6, 2] }),
      layers.layers.dropout({ rate: 0.9 }),
      layers.layers.dense({ units: 3 }),
    ],
  });
  const classifier = fromLayersModel(model, { output: "logits" });
  const x = images();
  const [kernel] = model.getWeights() as [tf.Tensor2D];
  const expected = await tf.matMul(tf.reshape(x, [3, 72]), kernel).data();
  const logits = await classifier(x).data();
  for (const [index, logit] of logits.entries()) expect(logit).toBeCloseTo(expected[index] as number, 5);

  const { gradient, connected } = valueAndGradient((x) => tf.sum(classifier(x), 1), x);
  expect(connected).toBe(true);
  const slope = tf.reshape(tf.sum(kernel, 1), [1, 6, 6, 2]);
  expect((await tf.max(tf.abs(tf.sub(gradient, slope))).data())[0]).toBeLessThan(1e-6);
  model.dispose();
});

it("a batch normalisation without scale, whose kernel in tfjs has no gradient, is differentiable", async () => {
  const model = modelEndingIn(
    layers.layers.batchNormalization({ scale: false, epsilon: 0.5 }),
    layers.layers.dense({ units: 2 }),
  );
  const classifier = fromLayersModel(model);
  const wanted = await (model.predict(images()) as tf.Tensor).data();
  for (const [index, logit] of (await classifier(images()).data()).entries()) {
    expect(logit).toBeCloseTo(wanted[index] as number, 5);
  }
  const f = (x: Images) => tf.sum(classifier(x), 1);
  const { gradient } = valueAndGradient(f, images());
  const direction = tf.sign(gradient);
  const at = async (step: number) => (await tf.sum(f(tf.add(images(), tf.mul(direction, step)))).data())[0] as number;
  const [slope = 0] = await tf.sum(tf.mul(gradient, direction)).data();
  expect(slope).toBeGreaterThan(0);
  expect(slope).toBeCloseTo(((await at(1e-3)) - (await at(-1e-3))) / 2e-3, 2);
  model.dispose();
});

it("a model is left as it is also when it throws", () => {
  const model = modelEndingIn(layers.layers.dense({ units: 3, activation: "softmax", name: "head" }));
  const { activation } = model.getLayer("head") as unknown as { activation: object };
  expect(() => fromLayersModel(model)(tf.zeros([1, 6, 6, 5]))).toThrow();
  expect(model.getLayer("head")).toHaveProperty("activation", activation);
  model.dispose();
});

it("a sigmoid of one unit z answers [0, z]", async () => {
  const model = modelEndingIn(layers.layers.dense({ units: 1, activation: "sigmoid" }));
  const z = await fromLayersModel(model)(images()).array();
  const p = (await (model.predict(images()) as tf.Tensor2D).array()).flat();
  for (const [row, [zero, logit]] of z.entries()) {
    expect(zero).toBe(0);
    expect(1 / (1 + Math.exp(-(logit as number)))).toBeCloseTo(p[row] as number, 6);
  }
  model.dispose();
});

it("a mean of two softmaxes answers with the logarithm of its probabilities, and so does a softmax used twice", async () => {
  const input = layers.input({ shape: [6, 6, 2] });
  const flat = layers.layers.flatten().apply(input) as layers.SymbolicTensor;
  const softmax = layers.layers.softmax();
  const heads = [1, 2].map(() => softmax.apply(layers.layers.dense({ units: 3 }).apply(flat)) as layers.SymbolicTensor);
  const mean = layers.layers.average().apply(heads) as layers.SymbolicTensor;
  for (const outputs of [mean, heads[1] as layers.SymbolicTensor]) {
    const model = layers.model({ inputs: input, outputs });
    const p = await tf.log(model.predict(images()) as tf.Tensor).data();
    for (const [index, logit] of (await fromLayersModel(model)(images()).data()).entries()) {
      expect(logit).toBeCloseTo(p[index] as number, 5);
    }
  }
  layers.model({ inputs: input, outputs: mean }).dispose();
});

describe("logarithms of probabilities", () => {
  const answering = (p: number[][]) => fromLayersModel({ apply: () => tf.tensor2d(p) }, { output: "probabilities" });

  it.each([[[[0, 1, 0]]], [[[1e-45, 1, 1e-38]]], [[[0]]], [[[1]]], [[[0.25]]]])("are finite for %j", async (p) => {
    const logits = await answering(p)(images()).array();
    expect(logits.flat().every(Number.isFinite)).toBe(true);
    expect(logits[0]?.length).toBe(Math.max(2, p[0]?.length ?? 0));
  });

  it("of one column p are those of [1 − p, p]", async () => {
    const [row] = await answering([[0.25]])(images()).array();
    expect(row?.[0]).toBeCloseTo(Math.log(0.75), 6);
    expect(row?.[1]).toBeCloseTo(Math.log(0.25), 6);
  });

  it("stay NaN where the probabilities are", async () => {
    expect(await answering([[Number.NaN, 0.5]])(images()).array()).toEqual([
      [Number.NaN, expect.closeTo(Math.log(0.5))],
    ]);
  });

  it("have the gradients of the logits where nothing has underflowed, and none where it has", async () => {
    const slope = (z: number[], label: number) => {
      const probabilities = (x: tf.Tensor) => tf.softmax(tf.reshape(x, [1, 3]));
      const classifier = fromLayersModel({ apply: probabilities }, { output: "probabilities" });
      const y: Labels = tf.tensor1d([label], "int32");
      return valueAndGradient((x) => crossEntropy(classifier(x), y), tf.tensor4d(z, [1, 1, 3, 1])).gradient.data();
    };
    const [p0 = 0, p1 = 0, p2 = 0] = await tf.softmax(tf.tensor1d([1, -3, 60])).data();
    for (const [index, value] of (await slope([1, -3, 60], 0)).entries()) {
      expect(value).toBeCloseTo([p0 - 1, p1, p2][index] as number, 5);
    }
    expect(Array.from(await slope([0, 200, 0], 0)).every(Number.isFinite)).toBe(true);
  });
});

describe("a model is refused", () => {
  const input = () => layers.input({ shape: [6, 6, 2] });

  it("with several outputs, or one that is not [batch, classes]", () => {
    const logits = tf.zeros([2, 3]);
    expect(() => fromLayersModel({ apply: () => [logits, logits] })(images())).toThrow("model: got");
    expect(() => fromLayersModel({ apply: () => tf.zeros([2, 3, 1]) })(images())).toThrow("want one output");
    const x = input();
    const y = layers.layers.conv2d({ filters: 3, kernelSize: 6 }).apply(x) as layers.SymbolicTensor;
    const model = layers.model({ inputs: x, outputs: y });
    expect(() => fromLayersModel(model)).toThrow("model: got [[null, 1, 1, 3]], want one output [batch, classes]");
    model.dispose();
  });

  it("with an output that contradicts its end", () => {
    const softmax = modelEndingIn(layers.layers.dense({ units: 3, activation: "softmax", name: "scores" }));
    const wanted = 'output: got "logits", want "probabilities", which the model answers with: it ends in scores';
    expect(() => fromLayersModel(softmax, { output: "logits" })).toThrow(wanted);
    const linear = modelEndingIn(layers.layers.dense({ units: 3 }));
    expect(() => fromLayersModel(linear, { output: "probabilities" })).toThrow('output: got "probabilities"');
    expect(() => fromLayersModel(linear, { output: "odds" as "logits" })).toThrow('output: got "odds", want one of');
    softmax.dispose();
    linear.dispose();
  });

  it("that ends in a layer of one's own, until it is said what that answers with", () => {
    class Lambda extends layers.layers.Layer {
      static className = "Lambda";
      override call(x: tf.Tensor[]): tf.Tensor {
        return tf.softmax(x[0] as tf.Tensor);
      }
    }
    const model = modelEndingIn(layers.layers.dense({ units: 3 }), new Lambda({ name: "mine" }));
    expect(() => fromLayersModel(model)).toThrow('want "logits" or "probabilities": the model ends in mine');
    const classifier = fromLayersModel(model, { output: "probabilities" });
    const x = images();
    expect(() => classifier(x)).toAllocate(1);
    model.dispose();
  });
});
