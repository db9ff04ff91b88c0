import { pgd } from "@awp/attacks";
import {
  AwpError,
  type BackendName,
  type Classifier,
  crossEntropy,
  type Images,
  type Labels,
  random,
  uniform,
  useBackend,
  valueAndGradient,
} from "@awp/core";
import { fromGraphModel, fromLayersModel } from "@awp/models";
import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { type LayersModel, loadLayersModel } from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, type TestContext, test } from "vitest";
import { graphModelOf } from "./graph-model";
import { inceptionLike, mobileNetLike } from "./models";

const threat = { norm: "linf", epsilon: 16 / 255 } as const;
const shape = [4, 16, 16, 3] as const;

/** What one backend made of a model: numbers, since its tensors are gone with it. */
interface Outcome {
  readonly logits: Float32Array;
  readonly gradient: Float32Array;
  readonly images: Float32Array;
  readonly adversarial: Float32Array;
  readonly fooled: readonly boolean[];
}

/** A model as the tests take it: as a classifier, and bare, as its user calls it. */
interface Subject {
  readonly classifier: Classifier;
  readonly bare: (x: Images) => tf.Tensor;
  readonly dispose: () => void;
}

/** The model as its user has it: saved, and loaded again. */
async function layersSubject(built: LayersModel): Promise<Subject> {
  let saved: tf.io.ModelArtifacts = {};
  const save = (artifacts: tf.io.ModelArtifacts): Promise<tf.io.SaveResult> => {
    saved = artifacts;
    return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } });
  };
  await built.save(tf.io.withSaveHandler(save));
  built.dispose();
  const model = await loadLayersModel(tf.io.fromMemory(saved));
  return {
    classifier: fromLayersModel(model),
    bare: (x) => model.predict(x) as tf.Tensor,
    dispose: () => model.dispose(),
  };
}

async function graphSubject(): Promise<Subject> {
  const layersModel = mobileNetLike();
  const model = await graphModelOf(layersModel);
  layersModel.dispose();
  return {
    classifier: fromGraphModel(model),
    bare: (x) => model.predict(x) as tf.Tensor,
    dispose: () => model.dispose(),
  };
}

const subjects: Record<string, () => Promise<Subject>> = {
  "a MobileNet-like layers model": () => layersSubject(mobileNetLike()),
  "an Inception-like layers model": () => layersSubject(inceptionLike()),
  "a MobileNet-like graph model": graphSubject,
};

async function outcomeOn(backend: BackendName, make: () => Promise<Subject>): Promise<Outcome> {
  await useBackend(backend);
  const { classifier, bare, dispose } = await make();
  const outcome = tf.tidy(() => {
    const images = uniform(random(1), [...shape]) as Images;
    const labels = tf.argMax(bare(images), 1) as Labels;
    const { gradient } = valueAndGradient((x: Images) => crossEntropy(classifier(x), labels), images);
    const attack = pgd({ ...threat, stepSize: 4 / 255, steps: 20 });
    const adversarial = attack(classifier, images, labels, random(2));
    const afresh = tf.argMax(bare(tf.tensor4d(adversarial.dataSync(), [...shape])), 1);
    return {
      logits: classifier(images).dataSync(),
      gradient: gradient.dataSync(),
      images: images.dataSync(),
      adversarial: adversarial.dataSync(),
      fooled: Array.from(tf.notEqual(afresh, labels).dataSync(), Boolean),
    } as never;
  }) as Outcome;
  dispose();
  return outcome;
}

/** The outcome on a backend; a test is skipped, and says why, where that backend does not load. */
async function outcomeOrSkip(
  backend: BackendName,
  make: () => Promise<Subject>,
  context: TestContext,
): Promise<Outcome> {
  try {
    await useBackend(backend);
  } catch (error) {
    if (!AwpError.is(error)) throw error;
    context.skip(error.message);
  }
  return outcomeOn(backend, make);
}

describe.each(Object.keys(subjects))("%s", (name) => {
  const make = subjects[name] as () => Promise<Subject>;
  let reference: Outcome;
  beforeAll(async () => {
    reference = await outcomeOn("cpu", make);
  }, 60_000); // plain JavaScript, on a machine that others use too

  test.for(["cpu", "wasm", "torch"] as const)(
    "is fooled on %s by images of the threat model",
    async (backend, context) => {
      const { images, adversarial, fooled, logits, gradient } = await outcomeOrSkip(backend, make, context);
      const distances = adversarial.map((value, i) => Math.abs(value - (images[i] as number)));
      expect(Math.max(...distances)).toBeLessThanOrEqual(threat.epsilon + 1e-6);
      expect(Math.min(...adversarial)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...adversarial)).toBeLessThanOrEqual(1);
      expect(fooled).toEqual(fooled.map(() => true));

      expect(relativeDeviation(logits, reference.logits)).toBeLessThan(1e-5);
      expect(relativeDeviation(gradient, reference.gradient)).toBeLessThan(1e-4);
    },
  );
});

test("the graph model computes what the layers model does that it was made of", async () => {
  await useBackend("cpu");
  const model = mobileNetLike();
  const graph = await graphModelOf(model);
  const images = uniform(random(3), [...shape]) as Images;
  expect(relativeDeviation(graph.predict(images) as tf.Tensor, model.predict(images) as tf.Tensor)).toBeLessThan(1e-5);
  graph.dispose();
  model.dispose();
});
