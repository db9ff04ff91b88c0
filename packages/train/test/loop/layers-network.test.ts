import { type Batch, drain, type Images, integers, type Labels, type Network, random, uniform } from "@awp/core";
import { adversarialTraining } from "@awp/defenses";
import { disposeNetwork, networkFromLayersModel } from "@awp/models";
import { awp } from "@awp/perturb";
import * as layers from "@tensorflow/tfjs-layers";
import { afterAll, describe, expect, it } from "vitest";
import { schedules, sgd, train, type TrainOptions } from "../../src/index";
import { runDirectory } from "../../src/node";
import { noiseAttack } from "../toy-network";
import { storedIn, temporaryFolders } from "../toy-training";

const folders = temporaryFolders();
afterAll(() => folders.remove());

/** A user's model, from the same start each time: a separable convolution, batch normalisation, dropout, a softmax. */
function userNetwork(seed = 1): Network {
  const { layers: l, initializers } = layers;
  const kernelInitializer = initializers.glorotUniform({ seed });
  const model = layers.sequential({
    layers: [
      l.depthwiseConv2d({
        inputShape: [5, 5, 3],
        kernelSize: 3,
        depthMultiplier: 2,
        depthwiseInitializer: kernelInitializer,
        name: "depthwise",
      }),
      l.batchNormalization({ scale: false, name: "normalization" }),
      l.reLU({ maxValue: 6, name: "relu" }),
      l.flatten({ name: "flat" }),
      l.dropout({ rate: 0.3, name: "dropout" }),
      l.dense({ units: 4, activation: "softmax", kernelInitializer, name: "scores" }),
    ],
  });
  return networkFromLayersModel(model, { random: random(seed) });
}

function* batches(epoch: number): Generator<Batch> {
  for (const step of [0, 1, 2]) {
    const source = random(100 * epoch + step);
    const images = uniform(source.fold(0), [6, 5, 5, 3]) as Images;
    const labels = integers(source.fold(1), [6], 0, 4) as Labels;
    yield { images, labels, indices: Int32Array.from({ length: 6 }, (_, row) => 6 * step + row) };
  }
}

const defense = adversarialTraining({ attack: noiseAttack(2) });

/** Trains with AT-AWP in a directory; what is in it then. */
async function trained(
  directory: string,
  options: Partial<TrainOptions> = {},
): Promise<Readonly<Record<string, string>>> {
  const network = userNetwork();
  const optimizer = sgd({ momentum: 0.9, weightDecay: 5e-4 });
  const training = train({
    network,
    optimizer,
    defense,
    weightAttack: awp({ gamma: 0.01 }),
    schedule: schedules.constant({ learningRate: 0.1 }),
    epochs: 3,
    stepsPerEpoch: 3,
    batches,
    random: random(5),
    store: runDirectory(directory),
    checkpointEvery: 1,
    resume: true,
    ...options,
  });
  try {
    await drain(training);
  } finally {
    optimizer.dispose();
    disposeNetwork(network);
  }
  return storedIn(directory);
}

describe("AT-AWP on a user's tf.LayersModel with batch normalisation and dropout", () => {
  it("goes on after a stop as if there had been none, bit for bit", async () => {
    const [whole, broken] = [folders.make(), folders.make()];
    const controller = new AbortController();
    const stopping = (epoch: number) => {
      if (epoch === 2) controller.abort(new Error("stopped"));
      return batches(epoch);
    };
    await expect(trained(broken, { batches: stopping, signal: controller.signal })).rejects.toThrow("stopped");
    expect(await trained(broken)).toEqual(await trained(whole));
  });

  it("goes on after pauses within an epoch as if there had been none, bit for bit", async () => {
    const [whole, broken] = [folders.make(), folders.make()];
    for (const after of [1, 3]) {
      const pause = new AbortController();
      let steps = 0;
      const afterStep = (): void => void (++steps === after && pause.abort());
      await trained(broken, { defense: { ...defense, afterStep }, pause: pause.signal });
    }
    expect(await trained(broken)).toEqual(await trained(whole));
  });

  it("is the same compiled and not, on a backend that records too", async () => {
    const [plain, compiled] = [folders.make(), folders.make()];
    expect(await trained(compiled, { compile: true })).toEqual(await trained(plain));
  });
});
