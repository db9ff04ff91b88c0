import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Images, random, uniform } from "@awp/core";
import { disposeNetwork, networkNamed } from "@awp/models";
import { saveWeights } from "@awp/models/node";
import * as tf from "@tensorflow/tfjs-core";
import { temporaryFolder } from "../temporary-folder";

/** A run of one training as `awp train` leaves it, of networks that have learnt nothing: the folder of the training. */
export async function writeRun(): Promise<string> {
  const folder = await temporaryFolder();
  const data = { name: "synthetic", size: 8, train: 24, validation: 8, test: 12 };
  const settings = { data, methods: ["at"], attack: { epsilon: "8/255", stepSize: "4/255", steps: 2 }, epochs: 4 };
  await writeFile(join(folder, "config.yaml"), JSON.stringify(settings));
  const training = join(folder, "at", "seed-1");
  for (const [place, seed] of Object.entries({
    "checkpoints/epoch-0002": 2,
    "checkpoints/epoch-0004": 4,
    "best/epoch-0003": 3,
  })) {
    await mkdir(join(training, place), { recursive: true });
    const network = networkNamed("small-cnn")({ classes: 10, size: 8, random: random(seed) });
    tf.tidy(() => void network.forward(uniform(random(0), [16, 8, 8, 3]) as Images, "train"));
    await saveWeights(network, join(training, place, "model.safetensors"));
    disposeNetwork(network);
  }
  return training;
}
