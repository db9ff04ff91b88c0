import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { random } from "@awp/core";
import { disposeNetwork, networkNamed } from "@awp/models";
import { saveWeights } from "@awp/models/node";
import { type HubServer, hubServer } from "@awp/testing";
import { onTestFinished, vi } from "vitest";
import { randomPictures, writePictures } from "../evaluate/pictures";
import { metricsOf, write } from "../runs/written-run";
import { temporaryFolder } from "../temporary-folder";

/** A stand-in hub that the environment leads to, with an empty cache, for the time of a test. */
export async function standInHub(): Promise<HubServer> {
  const [hub, cache] = [await hubServer(), await temporaryFolder()];
  vi.stubEnv("HF_ENDPOINT", hub.url);
  vi.stubEnv("HF_HUB_CACHE", cache);
  vi.stubEnv("HF_TOKEN", hub.token);
  vi.stubEnv("HF_TOKEN_PATH", join(cache, "token"));
  vi.stubEnv("HF_HUB_OFFLINE", "");
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await hub.close();
  });
  return hub;
}

const results = {
  train: { natural: 0.75, pgd: 0.5, images: 12 },
  test: { natural: 0.625, fgsm: 0.5, pgd: 0.375, images: 12 },
};

/** A finished run of one training, of networks that have learnt nothing, and pictures to measure them on. */
export async function writtenRun() {
  const run = await temporaryFolder();
  const training = join(run, "at-awp", "seed-1");
  await write(run, {
    "config.yaml":
      "data: { name: synthetic, size: 8, train: 20, validation: 8, test: 12 }\n" +
      "methods: at-awp\nnormalization: svhn\nepochs: 2\nevaluation: { steps: 3 }\n",
    "results.json": { results: [{ method: "at-awp", seed: 1, ...results }] },
    "at-awp/seed-1/metrics.jsonl": metricsOf(2),
  });
  const [last, best] = ["checkpoints/epoch-0002", "best/epoch-0001"].map((place) => join(training, place));
  for (const [seed, folder] of [last, best].entries()) {
    await mkdir(folder as string, { recursive: true });
    const network = networkNamed("small-cnn")({ classes: 10, size: 8, random: random(seed) });
    await saveWeights(network, join(folder as string, "model.safetensors"));
    disposeNetwork(network);
  }
  return {
    run,
    training,
    last: join(last as string, "model.safetensors"),
    best: join(best as string, "model.safetensors"),
    pictures: await writePictures(join(run, "synthetic"), randomPictures(8, 10, 1)),
  };
}
