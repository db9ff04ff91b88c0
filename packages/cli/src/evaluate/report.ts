import type { AutoAttackReport, BrokenBy, ExampleOutcome } from "@awp/attacks";
import type { Norm } from "@awp/core";
import type { Scale } from "../model/scale";

/** What one attack at one radius came to. */
export interface AttackRun {
  readonly attack: string;
  readonly norm: Norm;
  readonly epsilon: number;
  readonly examples: number;
  /** Shares of the examples, from 0 to 1, as all accuracies. */
  readonly naturalAccuracy: number;
  readonly robustAccuracy: number;
  readonly seconds: number;
  /** What AutoAttack says beside it. */
  readonly autoAttack?: Pick<AutoAttackReport, "version" | "standard" | "stages" | "flags">;
  readonly perExample: readonly AttackOutcome[];
}

/** How an attack fared on an example; some tell which part of them broke it, or at what distance. */
interface AttackOutcome extends ExampleOutcome {
  readonly brokenBy?: Partial<BrokenBy>;
}

/** What broke an example: an attack of the command line at a radius; of AutoAttack, which part of it, too. */
interface Break extends Omit<Partial<BrokenBy>, "attack"> {
  readonly attack: string;
  readonly epsilon: number;
  /** The restart or target of AutoAttack's stage. */
  readonly round?: string;
}

/** How one example fared under all attacks at all radii. */
interface ExampleVerdict {
  readonly index: number;
  readonly file?: string;
  readonly label: number;
  readonly natural: boolean;
  readonly robust: boolean;
  readonly nan: boolean;
  readonly brokenBy: readonly Break[];
}

/** The model that was evaluated; of a network, what makes it again and tells its weights from others. */
interface SubjectModel {
  readonly file: string;
  readonly kind: string;
  readonly network?: string;
  readonly scale?: Omit<Scale, "size">;
  readonly fingerprint?: string;
}

/** What RobustBench has published of a model; accuracies from 0 to 1. */
export interface PublishedFigures {
  readonly name: string;
  readonly norm: Norm;
  readonly epsilon: number;
  readonly examples: number;
  readonly cleanAccuracy: number;
  readonly autoAttackAccuracy: number;
  readonly paper: string;
}

/** What was evaluated. */
export interface Subject {
  readonly model: SubjectModel;
  /** What RobustBench has published, of a model of its leaderboards. */
  readonly published?: PublishedFigures;
  readonly data: {
    readonly directory: string;
    readonly name: string;
    readonly shape: readonly [height: number, width: number, channels: number];
    readonly classNames: readonly string[];
  };
  readonly backend: { readonly name: string; readonly device: string };
  readonly batchSize: number;
  readonly seed: number;
}

/** All of an evaluation: the document of `--json`. */
export interface EvaluationReport extends Subject, Totals {
  readonly perExample: readonly ExampleVerdict[];
}

/** The figures of an evaluation. */
export interface Totals {
  readonly norm: Norm;
  readonly examples: number;
  readonly naturalAccuracy: number;
  /** The share that is right under every attack at every radius. */
  readonly robustAccuracy: number;
  /** Accuracy against epsilon: the share that is right under every attack at that radius. */
  readonly accuracies: readonly { readonly epsilon: number; readonly robustAccuracy: number }[];
  readonly runs: readonly Omit<AttackRun, "perExample">[];
}

/** The report of runs over the same examples; at least one. */
export function reportOf(subject: Subject, runs: readonly AttackRun[], files?: readonly string[]): EvaluationReport {
  const [{ norm, examples, naturalAccuracy, perExample: first }] = runs as [AttackRun];
  const epsilons = [...new Set(runs.map(({ epsilon }) => epsilon))];
  const robustUnder = (some: readonly AttackRun[]): number =>
    first.filter((_, position) => some.every(({ perExample }) => perExample[position]?.robust)).length / examples;
  return {
    ...subject,
    norm,
    examples,
    naturalAccuracy,
    robustAccuracy: robustUnder(runs),
    accuracies: epsilons.map((epsilon) => ({
      epsilon,
      robustAccuracy: robustUnder(runs.filter((run) => run.epsilon === epsilon)),
    })),
    runs: runs.map(({ perExample: _, ...run }) => run),
    perExample: first.map(({ index, label, natural }, position) => ({
      index,
      ...(files === undefined ? {} : { file: files[index] as string }),
      label,
      natural,
      robust: runs.every(({ perExample }) => perExample[position]?.robust),
      nan: runs.some(({ perExample }) => perExample[position]?.nan),
      brokenBy: runs.flatMap((run) => breakOf(run, position)),
    })),
  };
}

function breakOf({ attack, epsilon, perExample }: AttackRun, position: number): Break[] {
  const { natural, robust, brokenBy = {} } = perExample[position] as AttackOutcome;
  if (!natural || robust) return [];
  const { attack: round, ...found } = brokenBy;
  return [{ attack, epsilon, ...(round === undefined ? {} : { round }), ...found }];
}

/** The last line of the table: the figures alone, of a single run as `npm run evaluate` has always had them. */
export function summaryOf({ norm, examples, naturalAccuracy, robustAccuracy, accuracies, runs }: Totals): object {
  const [run, ...others] = runs;
  if (run !== undefined && others.length === 0) {
    const { autoAttack, ...figures } = run;
    return { ...figures, ...autoAttack };
  }
  return { norm, examples, naturalAccuracy, robustAccuracy, accuracies, runs };
}
