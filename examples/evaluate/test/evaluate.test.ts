import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { hostUniform, random } from "@awp/core";
import { disposeNetwork, networkNamed } from "@awp/models";
import { saveWeights } from "@awp/models/node";
import * as tf from "@tensorflow/tfjs-core";
import { expect, onTestFinished, test } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

test("the example attacks a network that is right, and tells what is left", { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "awp-example-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const network = networkNamed("small-cnn")({ classes: 10, random: random(1) });
  const weights = join(folder, "weights.safetensors");
  await saveWeights(network, weights);

  // Images of noise, labelled by the network itself; CIFAR's planes of red, green and blue.
  const count = 4;
  const planes = Uint8Array.from(hostUniform(random(2), count * 3072), (value) => 255 * value);
  const images = tf.transpose(tf.div(tf.tensor4d(planes, [count, 3, 32, 32]), 255), [0, 2, 3, 1]);
  const labels = await tf.argMax(network.forward(images as tf.Tensor4D, "eval"), 1).data();
  const records = Array.from(labels, (label, i) => [label, ...planes.subarray(3072 * i, 3072 * (i + 1))]);
  await writeFile(join(folder, "test_batch.bin"), Uint8Array.from(records.flat()));
  disposeNetwork(network);

  const node = ["--import", "tsx", "--conditions=@awp/source", main, weights, folder, "small-cnn", `${count}`];
  const { stdout } = await promisify(execFile)(process.execPath, node);
  expect(stdout).toMatch(/natural 100\.0 %, PGD-20 \d+\.\d %\n/);
  expect(stdout).toMatch(/apgd-ce, restart 1: \d robust\n/);
  expect(stdout).toMatch(/AutoAttack \d+\.\d %\n/);
});
