import { evaluate, pgd } from "@awp/attacks";
import { drain, random, useBackend } from "@awp/core";
import { batches, synthetic } from "@awp/data";
import { adversarialTraining } from "@awp/defenses";
import { smallCnn } from "@awp/models";
import { awp } from "@awp/perturb";
import { schedules, sgd, train } from "@awp/train";

await useBackend(); // the fastest there is
const world = { random: random(0), classes: 4, size: 8 };
const images = synthetic({ ...world, count: 512 });
const network = smallCnn({ classes: 4, random: random(1) });
const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 5 });
const training = train({
  network,
  defense: adversarialTraining({ attack }),
  weightAttack: awp({ gamma: 0.01 }),
  optimizer: sgd({ momentum: 0.9, weightDecay: 5e-4 }),
  schedule: schedules.piecewise({ learningRate: 0.1, epochs: 6 }),
  epochs: 6,
  batches: (_, order) => batches(images, { batchSize: 64, random: order }),
  stepsPerEpoch: 8,
  random: random(2),
});
for await (const event of training) if (event.kind === "epoch") console.log("epoch", event.epoch, "loss", event.loss);
const classifier = (x: Parameters<typeof network.forward>[0]) => network.forward(x, "eval");
const test = batches(synthetic({ ...world, count: 128, split: "test" }), { batchSize: 128 });
const result = await drain(evaluate({ classifier, attack, batches: test, random: random(3) }));
console.log("test accuracy: natural", result.naturalAccuracy, "robust", result.robustAccuracy);
