import { pgd } from "@awp/attacks";
import { random, useBackend } from "@awp/core";
import { batches, synthetic } from "@awp/data";
import { adversarialTraining } from "@awp/defenses";
import { dataParallel, processGroup } from "@awp/distributed";
import { smallCnn } from "@awp/models";
import { awp } from "@awp/perturb";
import { schedules, sgd, train } from "@awp/train";

await useBackend();
const group = await processGroup(); // of one, where no launcher started others
const images = synthetic({ random: random(0), classes: 4, size: 8, count: 256 });
const options = await dataParallel(
  {
    network: smallCnn({ classes: 4, random: random(1), widths: [8, 16] }),
    defense: adversarialTraining({ attack: pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 5 }) }),
    weightAttack: awp({ gamma: 0.01 }),
    optimizer: sgd({ momentum: 0.9, weightDecay: 5e-4 }),
    schedule: schedules.constant({ learningRate: 0.1 }),
    epochs: 3,
    batches: (_, order) => batches(images, { batchSize: 64, random: order, shard: group }),
    stepsPerEpoch: 4,
    random: random(2),
  },
  group,
  { batchNorm: "synchronised" },
);
for await (const event of train(options)) {
  if (event.kind === "epoch" && group.rank === 0) console.log("epoch", event.epoch, "loss", event.loss.toFixed(4));
}
await group.leave();
