import { AwpError, type BackendName, type Classifier, random, useBackend } from "@awp/core";
import { subset } from "@awp/data";
import { cifar10 } from "@awp/data/node";
import { disposeNetwork, networkNamed } from "@awp/models";
import { loadWeights } from "@awp/models/node";
import { writeFile } from "node:fs/promises";
import { runAttackNamed, runAutoAttack } from "./run";
import { parseCommandLine, type Settings, usage } from "./settings";

/** Attacks a trained network on CIFAR-10's test images and says how robust it is. */
async function main(): Promise<void> {
  // npm runs scripts in the package's folder; paths on the command line are meant from where the user stands.
  const settings = parseCommandLine(process.argv.slice(2), process.env["INIT_CWD"] ?? process.cwd());
  if (settings === undefined) return void process.stdout.write(usage);
  const backend = await useBackend(settings.backend as BackendName | undefined);
  process.stdout.write(`backend ${backend.name}: ${backend.device}\n`);
  const result = await evaluated(settings);
  if (settings.json !== undefined) await writeFile(settings.json, `${JSON.stringify(result.report, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(result.summary)}\n`);
}

async function evaluated(settings: Settings): ReturnType<typeof runAutoAttack> {
  const all = await cifar10({ directory: settings.data, split: "test" });
  const images = settings.count === undefined ? all : subset(all, { end: settings.count });
  const { classNames, shape } = images;
  const network = networkNamed(settings.model)({ classes: classNames.length, size: shape[0], random: random(0) });
  try {
    await loadWeights(network, settings.weights, { unused: ["sub_block1."] });
    const classifier: Classifier = (x) => network.forward(x, "eval");
    const run = settings.attack === "autoattack" ? runAutoAttack : runAttackNamed;
    return await run(settings, classifier, images);
  } finally {
    disposeNetwork(network);
  }
}

await main().catch((error: unknown) => {
  if (!AwpError.is(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
