import type { Together } from "./together";
import { compiledTrainStep } from "../step/compiled-train-step";
import type { TrainStepOptions } from "../step/step-options";
import { type TrainStep, trainStep } from "../step/train-step";

/** What may be other in each epoch. */
export type EpochChanges = Partial<Pick<TrainStepOptions, "defense" | "weightAttack">>;

/** Gives, for an epoch from 0, what is other in it than the training's options say. */
export type Curriculum = (epoch: number) => EpochChanges;

export interface EpochStepsOptions extends TrainStepOptions {
  readonly curriculum?: Curriculum;
  readonly compile?: boolean;
  readonly step?: (options: TrainStepOptions) => TrainStep;
  readonly across?: Together;
}

/** The training step of each epoch. */
export interface EpochSteps {
  /** The step of this epoch; it stays that of the epoch before where defense and weight attack are the same objects. */
  epoch(epoch: number): TrainStep;
  /** Frees what the steps have recorded; the weights stay. */
  dispose(): void;
}

interface Made extends Pick<TrainStepOptions, "defense" | "weightAttack"> {
  readonly step: TrainStep & { dispose?(): void };
}

export function epochSteps({
  curriculum,
  compile = false,
  step = trainStep,
  ...options
}: EpochStepsOptions): EpochSteps {
  const ours = options.across?.step(step) ?? step;
  const make = (changes: EpochChanges): Made => {
    const changed = { ...options, ...changes };
    return { ...changed, step: compile ? compiledTrainStep(changed, ours) : ours(changed) };
  };
  let made = make({}); // which checks the options, before any epoch

  return {
    epoch(epoch) {
      const { defense = options.defense, weightAttack = options.weightAttack } = curriculum?.(epoch) ?? {};
      if (defense !== made.defense || weightAttack !== made.weightAttack) {
        made.step.dispose?.();
        made = make({ defense, ...(weightAttack && { weightAttack }) });
      }
      return made.step;
    },
    dispose: () => made.step.dispose?.(),
  };
}
