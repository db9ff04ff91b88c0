import { pgd } from "@awp/attacks";
import { assignEntries, networkEntries, random, useBackend } from "@awp/core";
import { adversarialTraining } from "@awp/defenses";
import { disposeNetwork, smallCnn } from "@awp/models";
import { awp } from "@awp/perturb";
import { inner, run } from "./run";
import { compare, epochs, images, seed } from "./side-by-side";

// Adversarial pre-training, and fine-tuning with AWP: Hendrycks et al. 2019, arXiv:1901.09960.
await useBackend();
const defense = adversarialTraining({ attack: pgd(inner) });

// More images, of twenty classes of another world.
const pretrained = smallCnn({ classes: 20, random: random(seed).fold(0) });
await run({ network: pretrained, classes: 20, defense, images: 2 * images, epochs, seed: seed + 1 });

// The same layers under a new head for the ten classes, `linear`, which keeps its own fresh weights.
const network = smallCnn({ classes: 10, random: random(seed).fold(1) });
assignEntries(network, await networkEntries(pretrained), "the pre-trained network", { except: ["linear."] });
disposeNetwork(pretrained);

// A fifth of the epochs, at half the rate of a fresh start: with so few steps a far smaller one, as the authors', leaves the
// new head untrained.
const few = { defense, weightAttack: awp({ gamma: 0.005 }), epochs: Math.ceil(epochs / 5) };
await compare({ "AT-AWP": few, "Pretraining-AWP": { ...few, network, learningRate: 0.05 } });
disposeNetwork(network);
