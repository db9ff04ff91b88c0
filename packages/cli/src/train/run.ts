import { evaluate, fgsm, pgd } from "@awp/attacks";
import { type Attack, type Classifier, drain, type ProcessGroup, random } from "@awp/core";
import { batches, type Dataset } from "@awp/data";
import { disposeNetwork } from "@awp/models";
import { pipeline } from "@awp/recipes";
import { type Pause, withAverage, train, type TrainEvent, type TrainOptions, type TrainSummary } from "@awp/train";
import { runDirectory } from "@awp/train/node";
import { identityOf } from "./config/identity";
import type { TrainConfig } from "./config/schema";
import { draws } from "./draws";
import { type Images, trainSample } from "./images";
import { recipeOf } from "./recipe-of";
import type { Training } from "./training";

export type RunEvent = TrainEvent | { readonly kind: "evaluating"; readonly what: string };

/** Accuracies from 0 to 1 of the last epoch's weights. */
export interface RunResult extends Training {
  readonly train: { readonly natural: number; readonly pgd: number; readonly images: number };
  readonly test: { readonly natural: number; readonly fgsm: number; readonly pgd: number; readonly images: number };
  readonly best: TrainSummary["best"];
  /** Median over the training, or what of it ran since a resume, if any did. */
  readonly secondsPerStep: number | null;
}

/** What a run came to: its result, or where it was paused; a pause in the evaluation at its end is after all epochs. */
export type RunOutcome =
  | { readonly kind: "done"; readonly result: RunResult }
  | { readonly kind: "paused"; readonly at: Pick<Pause, "epoch" | "step"> };

export interface RunOptions {
  readonly directory: string;
  readonly resume: boolean;
  /** So many steps make one event. */
  readonly reportEvery: number;
  /** Ends the run after the running step, kept. */
  readonly pause: AbortSignal;
  /** The processes that train the network together, each of which calls this alike; none is this one alone. */
  readonly group?: ProcessGroup | undefined;
}

/** Trains one network and evaluates it. From a seed all methods see the same batches from the same start. */
export async function* run(
  { method: name, seed }: Training,
  config: TrainConfig,
  images: Images,
  { directory, resume, reportEvery, pause, group }: RunOptions,
): AsyncGenerator<RunEvent, RunOutcome> {
  const { batchSize, microBatches, epochs } = config;
  const source = random(seed);
  const recipe = recipeOf(config, name);
  const options = pipeline(recipe, {
    images: images.train,
    evaluated: images.validation,
    random: source,
    microBatches,
    ...(group && { group }),
  });
  const { network, optimizer } = options;
  const classifier: Classifier = (x) => network.forward(x, "eval");
  const atTheEnd = pgd({ ...recipe.threat, stepSize: recipe.attack.stepSize, steps: config.evaluation.steps });
  const judged = <Result>(body: () => Promise<Result>): Promise<Result> =>
    options.average === undefined ? body() : withAverage(network, options.average, body);
  const accuracy = (on: Dataset, attack: Attack) =>
    judged(() =>
      drain(
        evaluate({
          classifier,
          attack,
          batches: batches(on, { batchSize: Math.ceil(batchSize / microBatches) }),
          random: source.fold(draws.evaluation),
          signal: pause,
          ...(group && { group }),
        }),
      ),
    );
  try {
    const whole: TrainOptions = {
      ...options,
      selection: { metric: "robust", on: "validation" },
      chance: { metric: "natural", accuracy: 1 / images.train.classNames.length },
      store: runDirectory(directory, { keep: config.keep }),
      checkpointEvery: config.checkpointEvery,
      settings: { ...identityOf(config), method: name, seed },
      resume,
      reportEvery,
      pause,
    };
    const training = train(group === undefined ? whole : await shared(whole, group, config));
    const stepTimes: number[] = [];
    const { best, paused } = yield* observed(training, (event) => {
      if (event.kind === "step") stepTimes.push(event.secondsPerStep);
    });
    if (paused) return { kind: "paused", at: { epoch: paused.epoch, step: paused.step } };

    try {
      yield { kind: "evaluating", what: "train" };
      const sample = trainSample(images);
      const onTrain = await accuracy(sample, atTheEnd);
      yield { kind: "evaluating", what: "test" };
      const onTest = await accuracy(images.test, atTheEnd);
      const underFgsm = await accuracy(images.test, fgsm(recipe.threat));
      const result: RunResult = {
        method: name,
        seed,
        train: { natural: onTrain.naturalAccuracy, pgd: onTrain.robustAccuracy, images: sample.indices.length },
        test: {
          natural: onTest.naturalAccuracy,
          fgsm: underFgsm.robustAccuracy,
          pgd: onTest.robustAccuracy,
          images: images.test.indices.length,
        },
        best,
        secondsPerStep: stepTimes.sort((a, b) => a - b)[Math.floor(stepTimes.length / 2)] ?? null,
      };
      return { kind: "done", result };
    } catch (error) {
      if (pause.aborted && error === pause.reason) return { kind: "paused", at: { epoch: epochs, step: 0 } };
      throw error;
    }
  } finally {
    options.average?.dispose();
    optimizer.dispose();
    disposeNetwork(network);
  }
}

/** What each process of a group trains with. A process alone does not load how. */
async function shared(options: TrainOptions, group: ProcessGroup, { ranks }: TrainConfig): Promise<TrainOptions> {
  const { dataParallel } = await import("@awp/distributed");
  return dataParallel(options, group, ranks);
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
