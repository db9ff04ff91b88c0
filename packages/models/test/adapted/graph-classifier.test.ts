import { pgd } from "@awp/attacks";
import { type Images, random, uniform } from "@awp/core";
import { type GraphModel, loadGraphModelSync } from "@tensorflow/tfjs-converter";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { fromGraphModel } from "../../src";
import { graphArtifacts } from "../graph-file";

const graph = (...end: Parameters<typeof graphArtifacts>[0]) => graphOf(end, [end.at(-1)?.name ?? "scores"]);
const graphOf = (end: Parameters<typeof graphArtifacts>[0], outputs: readonly string[]) =>
  loadGraphModelSync(graphArtifacts(end, outputs)) as unknown as GraphModel;

const images = () => uniform(random(1), [3, 1, 1, 2]) as Images;
const labels = () => tf.tensor1d([0, 1, 2], "int32");
const node = (name: string, op: string, ...input: string[]) => ({ name, op, input, attr: { T: { type: "DT_FLOAT" } } });

const softmaxes = {
  "a softmax": [node("probabilities", "Softmax", "scores")],
  "a softmax behind identities": [
    node("before", "Identity", "scores"),
    node("probabilities", "Softmax", "before"),
    node("Identity", "Identity", "probabilities:0"),
  ],
  "a softmax that is reshaped": [
    node("pixels", "Reshape", "scores", "maps"),
    node("probabilities", "Softmax", "pixels"),
    { ...node("reshaped", "Squeeze", "probabilities"), attr: { squeeze_dims: { list: { i: ["1", "2"] } } } },
  ],
};

describe.each(Object.entries(softmaxes))("a graph that ends in %s", (_, end) => {
  it("answers with the logits of the graph without it, and attacks find the same images", async () => {
    const [model, bare] = [graph(...end), graph()];
    const [classifier, twin] = [fromGraphModel(model), fromGraphModel(bare)];
    const x = images();
    expect(await classifier(x).array()).toEqual(await twin(x).array());
    const attack = pgd({ norm: "linf", epsilon: 0.1, stepSize: 0.03, steps: 4 });
    const [found, wanted] = [classifier, twin].map((f) => attack(f, x, labels(), random(2)));
    expect(await (found as Images).array()).toEqual(await (wanted as Images).array());
    expect(() => classifier(x)).toAllocate(1);
    for (const row of await (model.predict(x) as tf.Tensor2D).array()) {
      expect(row.reduce((sum, p) => sum + p)).toBeCloseTo(1, 5);
    }
    model.dispose();
    bare.dispose();
  });
});

it("a graph without a softmax is asked to predict", async () => {
  const model = graph();
  expect(await fromGraphModel(model, { output: "logits" })(images()).array()).toEqual(
    await (model.predict(images()) as tf.Tensor2D).array(),
  );
  model.dispose();
  const logits = tf.tensor2d([[1, 2]]);
  expect(fromGraphModel({ predict: () => logits })(images())).toBe(logits);
  expect(fromGraphModel({ predict: () => ({ scores: logits }) })(images())).toBe(logits);
});

it("a graph that ends in an operation that may be anything must be told of", async () => {
  const model = graph(node("exp", "Exp", "scores"));
  expect(() => fromGraphModel(model)).toThrow('want "logits" or "probabilities": the model ends in exp (Exp)');
  const found = await fromGraphModel(model, { output: "probabilities" })(images()).array();
  const wanted = await (model.execute(images(), "scores") as tf.Tensor2D).array();
  for (const [row, logits] of found.entries()) {
    for (const [at, logit] of logits.entries()) expect(logit).toBeCloseTo(wanted[row]?.[at] as number, 5);
  }
  model.dispose();
});

it("a graph with several outputs, or an output that contradicts its end, is refused", () => {
  const two = graphOf([node("one", "Softmax", "scores"), node("two", "Relu", "scores")], ["one", "two"]);
  expect(() => fromGraphModel(two)).toThrow('model: got ["output_0", "output_1"], want one output [batch, classes]');
  const softmax = graph(node("one", "Softmax", "scores"));
  expect(() => fromGraphModel(softmax, { output: "logits" })).toThrow('output: got "logits", want "probabilities"');
  two.dispose();
  softmax.dispose();
});
