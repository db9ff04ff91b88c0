import type { BackendName, ChosenBackend, Norm } from "@awp/core";
import { fingerprint } from "../landscape/checkpoints";
import type { LocatedModel } from "../model/locate";
import { type ModelSource, type OpenModel, openModel } from "../model/open-model";
import type { ModelReference } from "../model/reference";
import { requireClasses, requireInput } from "../model/require-fit";
import { autoAttackVersion } from "./named-attack";
import { type ImageSource, loadImages } from "./load-images";
import { publishedFigures } from "./published";
import { type EvaluationReport, type AttackRun, reportOf, type Subject } from "./report";
import { type Attendance, runAttack } from "./run-attack";

/** A model, and what the command line says of it; what stands beside it says the rest. */
interface EvaluatedModel extends Pick<ModelSource, "output" | "resize"> {
  readonly reference: ModelReference;
  readonly network: string | undefined;
  readonly scale: ModelSource["scale"] | undefined;
  /** The file of a model of RobustBench, where the user has one. */
  readonly weights: string | undefined;
}

/** All that an evaluation is told. */
export interface EvaluationSettings {
  readonly model: EvaluatedModel;
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

/** Attacks a model with each attack at each radius, on the backend that is current; the ranks share the images. */
export async function evaluateModel(
  settings: EvaluationSettings,
  located: LocatedModel,
  { name, device }: ChosenBackend,
  { progress, signal, ranks }: Omit<Attendance, "stateFile">,
): Promise<EvaluationReport> {
  const { attacks, epsilons, norm, batchSize, seed } = settings;
  const { directory } = settings.images;
  const source = sourceOf(settings.model, located);
  const model = await openModel(source);
  try {
    const images = await loadImages(settings.images, model.input);
    requireInput(model, images, directory);
    const classifier = await model.classifier(images);
    requireClasses(classifier, images, directory);
    const runs: AttackRun[] = [];
    for (const attack of attacks) {
      const trial = { attack, norm, batchSize, seed, classifier, images };
      runs.push(...(await runAttack(trial, epsilons, { progress, signal, ranks, stateFile: stateFileOf(settings) })));
    }
    const subject = {
      model: await described(located.name, source, model),
      ...(located.published && { published: publishedFigures(located.published) }),
      data: { directory, name: images.name, shape: images.shape, classNames: images.classNames },
      backend: { name, device },
      ...{ batchSize, seed },
    };
    return reportOf(subject, runs, images.files);
  } finally {
    model.dispose();
  }
}

function sourceOf(
  { network, scale, output, resize }: EvaluatedModel,
  { file, known, published }: LocatedModel,
): ModelSource {
  const { mean, std } = known?.normalization ?? {};
  return {
    ...{ file, output, resize, published },
    network: network ?? known?.network ?? "preactresnet-18",
    scale: scale ?? { mean, std },
  };
}

/** What the report says of a model: of a network all that makes it again. */
async function described(name: string, source: ModelSource, { kind }: OpenModel): Promise<Subject["model"]> {
  if (kind !== "network") return { file: name, kind };
  const { network, scale, file, published } = source;
  const made = published === undefined ? { network, scale } : { network: published.architecture };
  return { file: name, kind, ...made, fingerprint: await fingerprint(file) };
}

/** AutoAttack's file: the one that is given, or one for each run where there are several. */
function stateFileOf({ attacks, epsilons, state }: EvaluationSettings): Attendance["stateFile"] {
  const automatic = attacks.filter((attack) => autoAttackVersion(attack) !== undefined);
  const several = automatic.length * epsilons.filter((epsilon) => epsilon !== 0).length > 1;
  return (attack, epsilon) => (state !== undefined && several ? `${state}.${attack}-${epsilon}` : state);
}
