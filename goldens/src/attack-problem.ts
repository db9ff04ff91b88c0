import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Images, Labels, Network } from "@awp/core";
import { batches, disposeBatch, subset } from "@awp/data";
import { cifar10 } from "@awp/data/node";
import { disposeNetwork } from "@awp/models";
import { loadWeights } from "@awp/models/node";
import { goldensFolder, images, sharedFolder } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { mismatches } from "./deviation";
import { type Fields, MalformedError } from "./fields";
import { type Findings, Missing } from "./findings";
import { goldenNetwork } from "./golden-network";
import { statisticsPass } from "./statistics-sentence";
import { checkTensors, ofNorm } from "./tensor-figures";
import { tolerance } from "./tolerance";

/** What the attacks of a golden file are run on; the caller disposes it. */
export interface AttackProblem {
  readonly network: Network;
  readonly x: Images;
  readonly y: Labels;
}

/** Trained weights and real images where the file names weights, else a network and images that the file describes. */
export function attackProblem(golden: Fields, findings: Findings, directory: string): Promise<AttackProblem> {
  return golden.has("weights") ? trained(golden, findings, directory) : described(golden, findings);
}

async function trained(golden: Fields, findings: Findings, directory: string): Promise<AttackProblem> {
  const file = golden.text("weights");
  const weights = [directory, goldensFolder].map((folder) => join(folder, file)).find(existsSync);
  if (weights === undefined) throw new Missing(file);
  const cifar = sharedFolder("data/cifar-10-subset");
  if (cifar === undefined) throw new Missing("shared/data/cifar-10-subset");

  const test = await cifar10({ directory: cifar, split: "test" });
  const chosen = subset(test, golden.numbers("image_indices_in_test_batch"));
  const [batch] = batches(chosen, { batchSize: chosen.indices.length });
  if (batch === undefined) throw new MalformedError(`${golden.path}.image_indices_in_test_batch: want some`);
  const network = goldenNetwork(golden.object("network"));
  try {
    await loadWeights(network, weights);
    const labels = [...(await batch.labels.data())];
    findings.check("labels in the test set", mismatches(labels, golden.numbers("y")), 0);
    return { network, x: batch.images, y: batch.labels };
  } catch (error) {
    disposeNetwork(network);
    disposeBatch(batch);
    throw error;
  }
}

async function described(golden: Fields, findings: Findings): Promise<AttackProblem> {
  const { count, seed, momentum } = statisticsPass(golden.text("bn"));
  const network = goldenNetwork(golden.object("network"), { momentum });
  try {
    tf.tidy(() => void network.forward(images(count, seed), "train"));
    const statistics = golden.object("bn_running");
    await checkTensors(findings, "statistics", network.buffers, statistics, ofNorm(tolerance.attack.statistic));

    const y = tf.tensor1d([...golden.numbers("y")], "int32");
    return { network, x: images(golden.count("batch"), golden.number("image_seed")), y };
  } catch (error) {
    disposeNetwork(network);
    throw error;
  }
}
