import type { Batch, Network, Random } from "@awp/core";
import { requireArgument, requireChoice, requireCount } from "@awp/core/authoring";
import type { Settings } from "../optimizer/settings";
import type { Schedule } from "../optimizer/schedule";
import type { Curriculum } from "./epoch-steps";
import { type Overfitting, requireOverfitting } from "./overfitting";
import { requireRollback, type Rollback } from "./rollback";
import type { Chance, Selection } from "./selection";
import type { Together } from "./together";
import type { Evaluated, WeightAverage } from "../average/weight-average";
import type { TrainStepOptions } from "../step/step-options";
import type { TrainStep } from "../step/train-step";
import type { Metrics } from "../store/metrics";
import type { RunStore } from "../store/run-store";

export interface TrainOptions extends TrainStepOptions {
  /** Makes another step than {@link trainStep}, {@link freeStep} for example. @default trainStep */
  readonly step?: (options: TrainStepOptions) => TrainStep;
  /** The epoch, from 0, in which the weight attack starts. @default 0 */
  readonly warmupEpochs?: number;
  readonly schedule: Schedule;
  /** Each step's momentum, in the place of the optimizer's own: `schedules.oneCycleMomentum(…)`. */
  readonly momentumSchedule?: Schedule;
  readonly epochs: number;
  /**
   * The defense or the weight attack of an epoch, where it is another one: an epsilon or a gamma that ramps up, see
   * `linearRamp`. Asked at the beginning of each epoch, and again where one is resumed. A compiled step is recorded anew
   * whenever it gives an object that the epoch before did not have.
   *
   * @example
   * const epsilon = linearRamp({ to: 8 / 255, epochs: 10 });
   * const curriculum = (epoch: number) => ({ defense: adversarialTraining({ attack: pgd({ norm: "linf", epsilon: epsilon(epoch) }) }) });
   */
  readonly curriculum?: Curriculum;
  /**
   * The batches of an epoch, as many as `stepsPerEpoch`; the training disposes each after its step. The next one is made
   * once a step is under way, while a GPU computes it: there are two at a time.
   */
  readonly batches: (epoch: number, random: Random) => Iterable<Batch> | AsyncIterable<Batch>;
  readonly stepsPerEpoch: number;
  /** The seed of everything: order, attacks, evaluation. Its key must be a host value. */
  readonly random: Random;
  /**
   * Figures of the epoch just trained, for example natural and robust accuracy. `signal` is aborted when the training is
   * to pause or to end: an evaluation that passes it on, to `evaluate` of `@awp/attacks` for example, is broken off and
   * made anew when the training is resumed; for one that does not, the pause waits.
   */
  readonly evaluate?: (network: Network, epoch: number, random: Random, signal: AbortSignal) => Promise<Metrics>;
  /** Keeps the weights of the epoch that is best by one of `evaluate`'s figures. */
  readonly selection?: Selection;
  /** Early stopping: ends the training after so many epochs without a better one by the selection. */
  readonly patience?: number;
  /** Reports a `collapse` event when a figure is no better than guessing. */
  readonly chance?: Chance;
  /**
   * Goes back to the last checkpoint after a collapse, with a lower learning rate for the rest of the training: when the
   * loss or a weight is no longer finite, or at a `collapse` by `chance`. Without a store the checkpoints are in memory.
   * The epochs that come again draw other numbers, order and attacks, as the old ones may have had a part in the collapse.
   */
  readonly rollback?: Rollback;
  /** Reports a `catastrophic-overfitting` event when a figure falls by a large part in one epoch. */
  readonly overfitting?: Overfitting;
  /** An average of the weights to keep beside them: {@link ema}, {@link swa}. It stays yours. */
  readonly average?: WeightAverage;
  /**
   * Which weights are in the network while it is evaluated, and in the files of the best epoch, where there is an `average`.
   *
   * @default "average"
   */
  readonly evaluated?: Evaluated;
  /**
   * Keeps the run, so that it can go on after a kill: `runDirectory("runs/at-awp")` of `@awp/train/node`, or a store of
   * your own. Without one nothing is stored.
   */
  readonly store?: RunStore;
  /** Stores a checkpoint after every so many epochs, and after the last. @default 10 */
  readonly checkpointEvery?: number;
  /** Goes on from the newest checkpoint of the store, if it has one. @default false */
  readonly resume?: boolean;
  /** Hyper-parameters that a resumed training must share: one that differs is an error. @default {} */
  readonly settings?: Settings;
  /**
   * Lets a backend that can record the step replay it (see core's `compileStep`): the same training, with less to do for
   * the processor. What defense, optimizer and weight attack do must not change between steps.
   *
   * @default false
   */
  readonly compile?: boolean;
  /** Read the losses back every so many steps. @default 10 */
  readonly reportEvery?: number;
  /** Ends the training between two steps: it throws the signal's reason, and what is stored is from before. */
  readonly signal?: AbortSignal;
  /**
   * Ends the training after the running step, with a checkpoint of this very point, within an epoch or its evaluation too:
   * the summary says where it is `paused`. Resumed, it ends as if it had never been paused. `AbortSignal.timeout(ms)` makes
   * it a maximal time.
   */
  readonly pause?: AbortSignal;
  /** The other processes of this training: `dataParallel` of `@awp/distributed` sets it. */
  readonly across?: Together;
}

export function requireTrainOptions(options: TrainOptions): void {
  const { warmupEpochs = 0, epochs, stepsPerEpoch, random, evaluate, selection, chance, store } = options;
  const { momentumSchedule, optimizer } = options;
  requireCount("epochs", epochs);
  requireCount("stepsPerEpoch", stepsPerEpoch);
  requireCount("reportEvery", options.reportEvery ?? 10);
  requireCount("warmupEpochs", warmupEpochs, 0);
  requireArgument(!("dtype" in random.key), "random", "a key in a tensor", "a key on the host");
  if (selection !== undefined) {
    const { on } = selection;
    requireChoice("selection.on", on, ["validation", "test"]);
    requireArgument(evaluate !== undefined, "selection", selection.metric, "an evaluate function to select by");
  }
  requireArgument(chance === undefined || evaluate !== undefined, "chance", chance, "an evaluate function");
  const { average, evaluated = "average", patience, rollback, overfitting } = options;
  requireChoice("evaluated", evaluated, ["average", "live"]);
  requireArgument(average !== undefined || options.evaluated === undefined, "evaluated", evaluated, "an average too");
  if (patience !== undefined) {
    requireCount("patience", patience);
    requireArgument(selection !== undefined, "patience", patience, "a selection to be out of patience with");
  }
  if (rollback !== undefined) requireRollback(rollback);
  if (overfitting !== undefined) {
    requireOverfitting(overfitting);
    requireArgument(evaluate !== undefined, "overfitting", overfitting.metric, "an evaluate function");
  }
  requireCount("checkpointEvery", options.checkpointEvery ?? 10);
  const momentumGoesSomewhere = momentumSchedule === undefined || optimizer.variesMomentum === true;
  requireArgument(momentumGoesSomewhere, "momentumSchedule", momentumSchedule, "none: the optimizer keeps no momentum");
  requireArgument(store !== undefined || options.resume !== true, "resume", true, "a store to resume from");
}
