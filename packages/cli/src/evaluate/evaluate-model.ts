import type { BackendName, ChosenBackend, Norm } from "@awp/core";
import { openModel, type ModelSource } from "../model/open-model";
import { requireClasses, requireInput } from "../model/require-fit";
import type { Progress } from "../terminal/progress";
import { autoAttackVersion } from "./named-attack";
import { type ImageSource, loadImages } from "./load-images";
import { type EvaluationReport, type AttackRun, reportOf } from "./report";
import { type Attendance, runAttack } from "./run-attack";

/** All that an evaluation is told. */
export interface EvaluationSettings {
  readonly model: ModelSource;
  readonly images: ImageSource;
  readonly attacks: readonly string[];
  readonly norm: Norm;
  readonly epsilons: readonly number[];
  readonly batchSize: number;
  readonly seed: number;
  readonly backend: BackendName | undefined;
  /** Where AutoAttack's progress is kept, and taken up. */
  readonly state: string | undefined;
}

/** Attacks a model with each attack at each radius, on the backend that is current. */
export async function evaluateModel(
  settings: EvaluationSettings,
  { name, device }: ChosenBackend,
  progress: Progress,
  signal?: AbortSignal,
): Promise<EvaluationReport> {
  const { attacks, epsilons, norm, batchSize, seed } = settings;
  const { directory } = settings.images;
  const model = await openModel(settings.model);
  try {
    const images = await loadImages(settings.images, model.input);
    requireInput(model, images, directory);
    const classifier = await model.classifier(images);
    requireClasses(classifier, images, directory);
    const runs: AttackRun[] = [];
    for (const attack of attacks) {
      const trial = { attack, norm, batchSize, seed, classifier, images };
      runs.push(...(await runAttack(trial, epsilons, { progress, signal, stateFile: stateFileOf(settings) })));
    }
    const subject = {
      model: { file: settings.model.file, kind: model.kind },
      data: { directory, classNames: images.classNames },
      backend: { name, device },
      ...{ batchSize, seed },
    };
    return reportOf(subject, runs, images.files);
  } finally {
    model.dispose();
  }
}

/** AutoAttack's file: the one that is given, or one for each run where there are several. */
function stateFileOf({ attacks, epsilons, state }: EvaluationSettings): Attendance["stateFile"] {
  const automatic = attacks.filter((attack) => autoAttackVersion(attack) !== undefined);
  const several = automatic.length * epsilons.filter((epsilon) => epsilon !== 0).length > 1;
  return (attack, epsilon) => (state !== undefined && several ? `${state}.${attack}-${epsilon}` : state);
}
