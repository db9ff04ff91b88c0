import { evaluate, fgsm, pgd } from "@awp/attacks";
import { type Attack, type Classifier, drain, random, type ThreatModel } from "@awp/core";
import { batchCount, batches, type Dataset } from "@awp/data";
import { adversarialTraining } from "@awp/defenses";
import { schedules, sgd, train, type TrainEvent, type TrainSummary } from "@awp/train";
import { runDirectory } from "@awp/train/node";
import { disposeNetwork, networkNamed } from "@awp/models";
import { awp } from "@awp/perturb";
import { draws } from "./draws";
import { loadImages, trainSample } from "./images";
import type { Method } from "./method";
import type { Settings } from "./settings";

export type RunEvent = TrainEvent | { readonly kind: "evaluating"; readonly what: string };

/** Accuracies from 0 to 1 of the last epoch's weights. */
export interface RunResult {
  readonly method: Method;
  readonly train: { readonly natural: number; readonly pgd20: number };
  readonly test: { readonly natural: number; readonly fgsm: number; readonly pgd20: number };
  readonly best: TrainSummary["best"];
  /** Median over the training, or what of it ran since a resume, if any did. */
  readonly secondsPerStep: number | null;
}

const threat: ThreatModel = { norm: "linf", epsilon: 8 / 255 };

/** Trains one network and evaluates it: the whole pipeline. Both methods see the same batches from the same start. */
export async function* run(
  method: Method,
  settings: Settings,
  { directory, resume }: { readonly directory: string; readonly resume: boolean },
): AsyncGenerator<RunEvent, RunResult> {
  const { batchSize, epochs, learningRate, steps, gamma } = settings;
  const seed = random(settings.seed);
  const images = await loadImages(settings);
  const network = networkNamed(settings.model)({
    classes: images.train.classNames.length,
    size: images.train.shape[0],
    random: seed.fold(draws.weights),
  });
  const classifier: Classifier = (x) => network.forward(x, "eval");
  const attack = pgd({ ...threat, stepSize: 2 / 255, steps });
  const pgd20 = pgd({ ...threat, stepSize: 2 / 255, steps: 20 });
  const accuracy = (on: Dataset, by: Attack) =>
    drain(
      evaluate({
        classifier,
        attack: by,
        batches: batches(on, { batchSize: 128 }),
        random: seed.fold(draws.evaluation),
      }),
    );

  const optimizer = sgd({ momentum: 0.9, weightDecay: 5e-4 });
  try {
    const training = train({
      network,
      defense: adversarialTraining({ attack }),
      ...(method === "at-awp" && { weightAttack: awp({ gamma }) }),
      optimizer,
      schedule: schedules.piecewise({ learningRate, epochs }),
      epochs,
      batches: (_, order) =>
        batches(images.train, {
          batchSize,
          dropLast: true,
          random: order,
          ...(images.augment && { augment: images.augment }),
        }),
      stepsPerEpoch: batchCount(images.train, { batchSize, dropLast: true }),
      random: seed.fold(draws.training),
      evaluate: async () => {
        const { naturalAccuracy, robustAccuracy } = await accuracy(images.validation, attack);
        return { natural: naturalAccuracy, robust: robustAccuracy };
      },
      selection: { metric: "robust", on: "validation" },
      chance: { metric: "natural", accuracy: 1 / images.train.classNames.length },
      store: runDirectory(directory),
      checkpointEvery: 1,
      settings: { ...settings, method },
      resume,
      reportEvery: 5,
    });
    const stepTimes: number[] = [];
    const { best } = yield* observed(training, (event) => {
      if (event.kind === "step") stepTimes.push(event.secondsPerStep);
    });

    yield { kind: "evaluating", what: "train" };
    const onTrain = await accuracy(trainSample(images), pgd20);
    yield { kind: "evaluating", what: "test" };
    const onTest = await accuracy(images.test, pgd20);
    const underFgsm = await accuracy(images.test, fgsm(threat));
    return {
      method,
      train: { natural: onTrain.naturalAccuracy, pgd20: onTrain.robustAccuracy },
      test: { natural: onTest.naturalAccuracy, fgsm: underFgsm.robustAccuracy, pgd20: onTest.robustAccuracy },
      best,
      secondsPerStep: stepTimes.sort((a, b) => a - b)[Math.floor(stepTimes.length / 2)] ?? null,
    };
  } finally {
    optimizer.dispose();
    disposeNetwork(network);
  }
}

/** The same events, each shown to `look` on its way. */
async function* observed<Event, Result>(
  events: AsyncGenerator<Event, Result>,
  look: (event: Event) => void,
): AsyncGenerator<Event, Result> {
  for (;;) {
    const next = await events.next();
    if (next.done === true) return next.value;
    look(next.value);
    yield next.value;
  }
}
