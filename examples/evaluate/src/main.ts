/** Attacks a trained network on CIFAR-10's test images: `main.ts WEIGHTS.safetensors DATA [NETWORK] [COUNT]`. */
import { autoAttack, evaluate, paperAttacks } from "@awp/attacks";
import { type Classifier, drain, random, useBackend } from "@awp/core";
import { batches, subset } from "@awp/data";
import { cifar10 } from "@awp/data/node";
import { disposeNetwork, networkNamed } from "@awp/models";
import { loadWeights } from "@awp/models/node";

const [weights = "model.safetensors", directory = "data", name = "preactresnet-18", count = "100"] =
  process.argv.slice(2);

const { name: backend, device } = await useBackend(); // the fastest there is
console.log(`on ${backend}: ${device}`);

// The images stay on the host; an iterable of batches makes tensors of them, and whoever takes a batch disposes it.
const images = subset(await cifar10({ directory, split: "test" }), { end: Number(count) });
const inBatches = () => batches(images, { batchSize: 100 });

// Any differentiable function from images in [0, 1] to logits is a classifier.
const network = networkNamed(name)({ classes: images.classNames.length, random: random(0) });
await loadWeights(network, weights);
const classifier: Classifier = (x) => network.forward(x, "eval");

// One attack: whatever is drawn comes from the random value that is handed in.
const attack = paperAttacks.pgd20({ norm: "linf", epsilon: 8 / 255 });
const pgd = await drain(evaluate({ classifier, attack, batches: inBatches(), random: random(1) }));
console.log(`natural ${percent(pgd.naturalAccuracy)}, PGD-20 ${percent(pgd.robustAccuracy)}`);

// AutoAttack: several attacks, each on what the ones before left. It yields an event after each batch.
const events = autoAttack({ norm: "linf", epsilon: 8 / 255, classifier, batches: inBatches(), random: random(1) });
const report = await drain(events, ({ stage, attack: round, robust }) =>
  console.log(`  ${stage}, ${round}: ${robust} robust`),
);
console.log(`AutoAttack ${percent(report.robustAccuracy)}`);
for (const { kind, advice } of report.flags) console.log(`${kind}: ${advice}`);

disposeNetwork(network);

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
