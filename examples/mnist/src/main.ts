import { evaluate, pgd } from "@awp/attacks";
import { type Attack, type Classifier, type Defense, drain, random, useBackend } from "@awp/core";
import { batchCount, batches, subset } from "@awp/data";
import { adversarialTraining } from "@awp/defenses";
import { disposeNetwork } from "@awp/models";
import { adam, linearRamp, type Optimizer, schedules, sgd, train } from "@awp/train";
import { mnist } from "./mnist";
import { mnistNetwork } from "./network";

/* Adversarial training at an epsilon of 0.3, from the same weights and on the same batches: what leaves chance? README.md has the answer. */

const [images = 5000, epochs = 4, tested = 500] = process.argv.slice(2).map(Number);
const { device } = await useBackend();
console.log(`${images} images, ${epochs} epochs, on ${device}`);

interface Method {
  readonly optimizer: () => Optimizer;
  readonly learningRate: number;
  /** Epochs over which epsilon ramps up; 0 to begin at the whole of it. */
  readonly rampEpochs: number;
}

const bySgd = { optimizer: () => sgd({ momentum: 0.9 }), learningRate: 0.05 };
const byAdam = { optimizer: () => adam(), learningRate: 0.001 };
const methods: Readonly<Record<string, Method>> = {
  SGD: { ...bySgd, rampEpochs: 0 },
  "SGD with a ramp": { ...bySgd, rampEpochs: 3 },
  Adam: { ...byAdam, rampEpochs: 0 },
  "Adam with a ramp": { ...byAdam, rampEpochs: 3 },
};

const largest = 0.3;
const attackWithin = (epsilon: number, steps: number): Attack =>
  pgd({ norm: "linf", epsilon, stepSize: (2.5 * epsilon) / steps, steps });
const defenseWithin = (epsilon: number): Defense => adversarialTraining({ attack: attackWithin(epsilon, 5) });

const training = subset(mnist("train"), { end: images });
const test = subset(mnist("test"), { end: tested });
const batch = { batchSize: 50, dropLast: true };

for (const [name, { optimizer: make, learningRate, rampEpochs }] of Object.entries(methods)) {
  const network = mnistNetwork();
  const optimizer = make();
  const epsilon = rampEpochs === 0 ? () => largest : linearRamp({ to: largest, epochs: rampEpochs });
  const events = train({
    network,
    defense: defenseWithin(largest),
    curriculum: (epoch) => ({ defense: defenseWithin(epsilon(epoch)) }),
    optimizer,
    schedule: schedules.constant({ learningRate }),
    epochs,
    batches: (_, order) => batches(training, { ...batch, random: order }),
    stepsPerEpoch: batchCount(training, batch),
    random: random(1),
    compile: true,
  });
  for await (const event of events) {
    if (event.kind !== "epoch") continue;
    const { epoch, loss, seconds } = event;
    console.log(
      `  epoch ${epoch + 1}: epsilon ${epsilon(epoch).toFixed(2)}, loss ${loss.toFixed(3)}, ${seconds.toFixed(0)} s`,
    );
  }
  const classifier: Classifier = (x) => network.forward(x, "eval");
  const attack = attackWithin(largest, 20);
  const examples = batches(test, { batchSize: 250 });
  const result = await drain(evaluate({ classifier, attack, batches: examples, random: random(2) }));
  console.log(`${name}: natural ${result.naturalAccuracy}, robust ${result.robustAccuracy}`);
  optimizer.dispose();
  disposeNetwork(network);
}
