import { klObjective, pgd, predictions } from "@awp/attacks";
import { type Classifier, drain, random, useBackend } from "@awp/core";
import { batches, mixedBatches, relabelled, subset, synthetic } from "@awp/data";
import { rst, standardTraining, trades } from "@awp/defenses";
import { disposeNetwork, smallCnn } from "@awp/models";
import { awp } from "@awp/perturb";
import { inner, run, world } from "./run";
import { compare, epochs, images, seed } from "./side-by-side";

// Robust self-training with AWP: Carmon et al. 2019, arXiv:1905.13736. The labelled images are few, those without a label
// four times as many.
await useBackend();

// A network that knows the labelled images alone: standard training, as its answers need not be robust.
const teacher = smallCnn({ classes: 10, random: random(seed) });
await run({ network: teacher, defense: standardTraining(), images, epochs, seed });

// Its answers are the labels of the others.
const begin = images + images / 8;
const unlabelled = subset(synthetic({ ...world(seed), count: begin + 4 * images }), { start: begin });
const classifier: Classifier = (x) => teacher.forward(x, "eval");
const found = await drain(predictions({ classifier, batches: batches(unlabelled, { batchSize: 128 }) }));
disposeNetwork(teacher);
const pseudoLabelled = relabelled(unlabelled, found);

// The images are made up, so how many of the pseudo-labels are right can be told.
const right = found.classes.filter((label, at) => label === unlabelled.labels[found.indices[at] as number]).length;
console.log(`pseudo-labels: ${right} of ${found.classes.length} are right`);

// Half of each batch is pseudo-labelled; as many steps as without.
const attack = pgd({ ...inner, start: "gaussian", objective: klObjective() });
const weightAttack = awp({ gamma: 0.005 });
await compare({
  "TRADES-AWP": { defense: trades({ attack, beta: 6 }), weightAttack },
  "RST-AWP": {
    defense: rst({ attack, beta: 6 }),
    weightAttack,
    mix: (labelled, epoch) => mixedBatches(labelled, pseudoLabelled, { ...epoch, fraction: 0.5 }),
  },
});
