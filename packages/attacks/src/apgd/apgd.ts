import {
  type Images,
  type Labels,
  misclassified,
  type Norm,
  normal,
  perExampleNorm,
  projectOntoThreat,
  type Random,
  type ThreatModel,
  type TrackingAttack,
  uniform,
} from "@awp/core";
import { perImage, requireArgument, requireChoice, requireCount, requireThreatModel } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { type Climb, keepBest, keepFound, type StepRule } from "./climb";
import { type ApgdLoss, apgdLosses } from "./loss";
import { momentumRule } from "./momentum-rule";
import { sparseRule } from "./sparse-rule";
import { expectedGradient } from "../engine/expected-gradient";
import type { AttackState, Problem } from "../engine/iterative";
import { comparable } from "../engine/not-a-number";
import { classOfRank } from "../objective/ranked-class";
import { tracking } from "../engine/tracking";

/** The threat model, and how APGD climbs inside it. */
export interface ApgdOptions extends ThreatModel {
  /** @default 100 */
  readonly steps?: number;
  /** Untargeted: `"ce"`, `"dlr"` (3 classes or more); towards a class: `"targeted-dlr"` (4 or more), `"targeted-ce"`. @default "ce" */
  readonly loss?: ApgdLoss;
  /** A targeted loss leads to the class of the `targetRank`-th largest logit of the clean image; 1 is the largest. @default 2 */
  readonly targetRank?: number;
  /** `"random"`: on the sphere (ℓ∞: with some pixel at its end; ℓ1: from Gaussian noise), then in the box. @default "random" */
  readonly start?: "random" | "clean";
  /** Passes whose gradients are averaged in each iteration, for classifiers that draw at random. @default 1 */
  readonly eotSteps?: number;
  /**
   * ℓ1 alone: 30 % of the steps in the ball of three times epsilon, 30 % of twice, the rest in the ball of epsilon, each
   * from the best images before; one pass more for each change. Starts from noise about the image; the reference
   * implementation means to, but projects the noisy image as if it were the noise. @default false
   */
  readonly largeEpsilons?: boolean;
  /**
   * Whether the first loss counts as a rise when it is above 0, as in the reference implementation, whose first
   * checkpoint looks past the beginning of its record; otherwise when it is above the loss at the start. @default true
   */
  readonly exact?: boolean;
}

/** APGD under way. */
export type ApgdState = AttackState<Climb>;

/**
 * Auto-PGD, of which AutoAttack is made: steps with momentum, per example halved, and begun anew at the best point, when
 * they stop to raise the loss.
 *
 * Returns, per example, the latest iterate (the start included) that the classifier errs on, in targeted mode too,
 * whatever the class; else the clean image, as for an example that is wrong to begin with. The `objective` of the result
 * is the largest loss on the way, whichever image is returned.
 *
 * Takes `steps + 1` forward and backward passes (times `eotSteps`) and one forward pass on the clean images.
 *
 * @throws ArgumentError for an option out of range; when it starts, for too few classes.
 * @see Croce and Hein 2020, arXiv:2003.01690; for ℓ1 Croce and Hein 2021, arXiv:2103.01208
 */
export function apgd(options: ApgdOptions): TrackingAttack<ApgdState> {
  const { norm, epsilon, steps = 100, targetRank = 2, start = "random", largeEpsilons = false, exact = true } = options;
  requireThreatModel(options);
  requireCount("steps", steps);
  requireCount("targetRank", targetRank);
  requireCount("eotSteps", options.eotSteps ?? 1);
  requireChoice("loss", options.loss ?? "ce", Object.keys(apgdLosses) as ApgdLoss[]);
  requireChoice("start", start, ["random", "clean"]);
  requireArgument(!largeEpsilons || norm === "l1", "largeEpsilons", largeEpsilons, 'false, for any norm but "l1"');
  requireArgument(!largeEpsilons || steps >= 5, "steps", steps, "at least 5, for large epsilons to have some each");

  const starting = (problem: Problem, ball: ThreatModel): Images =>
    start === "clean" ? tf.clone(problem.x) : randomStart(problem.x, ball, problem.random);
  if (norm !== "l1") {
    const rule = momentumRule(options, steps, exact);
    return phased(options, [{ first: 0, ball: options, rule }], starting);
  }
  const phases = (largeEpsilons ? largeEpsilonPhases(steps) : [{ first: 0, length: steps, radius: 1 }]).map(
    ({ first, length, radius }) => {
      const ball = { ...options, epsilon: radius * epsilon };
      return { first, ball, rule: sparseRule(ball, length, largeEpsilons || start === "clean") };
    },
  );
  return phased(options, phases, starting);
}

/** Iterations from number `first` on, in a ball. */
interface Phase<Memory> {
  readonly first: number;
  readonly ball: ThreatModel;
  readonly rule: StepRule<Memory>;
}

/** Radii in epsilons. */
function largeEpsilonPhases(steps: number): readonly { first: number; length: number; radius: number }[] {
  const part = Math.ceil(0.3 * steps);
  return [
    { first: 0, length: part, radius: 3 },
    { first: part, length: part, radius: 2 },
    { first: 2 * part, length: steps - 2 * part, radius: 1 },
  ];
}

/** APGD in the balls of the phases, one after the other; what counts is found in the last. */
function phased<Memory extends Readonly<Record<string, tf.Tensor>>>(
  { steps = 100, loss = "ce", targetRank = 2, eotSteps = 1 }: ApgdOptions,
  phases: readonly Phase<Memory>[],
  starting: (problem: Problem, ball: ThreatModel) => Images,
): TrackingAttack<ApgdState> {
  const { targeted, value } = apgdLosses[loss];
  const [opening, target] = [phases[0], phases.at(-1)] as [Phase<Memory>, Phase<Memory>];

  function observe({ classifier, y }: Problem, images: Images, targets: Labels) {
    const seen = expectedGradient(classifier, images, (logits) => value(logits, y, targets), eotSteps);
    const wrong = misclassified(seen.logits, y);
    return { seen: { ...seen, value: comparable(seen.value, wrong) }, wrong };
  }

  function begin(
    problem: Problem,
    phase: Phase<Memory>,
    images: Images,
    known: Pick<Climb, "natural" | "targets">,
  ): Climb & Memory {
    const { seen, wrong } = observe(problem, images, known.targets);
    const length = phase.rule.firstStep * phase.ball.epsilon;
    const fresh: Climb = {
      ...known,
      images,
      previous: images,
      gradient: seen.gradient,
      best: images,
      bestGradient: seen.gradient,
      bestLoss: seen.value,
      stepSize: tf.fill([images.shape[0], 1, 1, 1], length),
      found: tf.clone(problem.x),
      broken: tf.sub(tf.scalar(1, "int32"), known.natural),
      iteration: tf.zerosLike(known.natural),
    };
    const climb = phase === target ? keepFound(fresh, wrong, phase.first) : fresh;
    return { ...climb, ...phase.rule.memory(climb, problem.x) };
  }

  return tracking<Climb & Memory>({
    iterations: steps,
    start: (problem) => {
      const { classifier, x, y } = problem;
      const logits = classifier(x);
      const known = {
        natural: classifiedRight(logits, y),
        targets: targeted ? classOfRank(logits, targetRank) : tf.clone(y),
      };
      return begin(problem, opening, starting(problem, opening.ball), known);
    },
    iterate: (problem, before, index) => {
      const { x } = problem;
      const phase = phases.filter((one) => one.first <= index).at(-1) as Phase<Memory>;
      const { first, ball, rule } = phase;
      const climb =
        index === first && phase !== opening
          ? begin(problem, phase, projectOntoThreat(before.best, x, ball), before)
          : before;
      const images = rule.move(climb, x, index - first);
      const { seen, wrong } = observe(problem, images, climb.targets);
      const moved = keepBest({ ...climb, images, previous: climb.images }, seen);
      const noted = phase === target ? keepFound(moved, wrong, index + 1) : moved;
      return rule.adapt(noted, x, seen.value, index - first);
    },
    broken: ({ broken }) => broken,
    result: (_problem, { found, broken, iteration, bestLoss }) => ({
      images: tf.clone(found),
      broken: tf.clone(broken),
      iteration: tf.clone(iteration),
      objective: tf.clone(bestLoss),
    }),
  });
}

function randomStart(x: Images, ball: ThreatModel, random: Random): Images {
  if (ball.norm === "l1") return projectOntoThreat(tf.add(x, normal(random, x.shape)), x, ball);
  const noise = ball.norm === "linf" ? uniform(random, x.shape, -1, 1) : normal(random, x.shape);
  const start = tf.add<Images>(x, tf.mul(onSphere(noise as Images, ball.norm), ball.epsilon));
  return projectOntoThreat(start, x, ball);
}

function onSphere(noise: Images, norm: Norm): Images {
  return tf.divNoNan(noise, perImage(perExampleNorm(noise, norm)));
}

function classifiedRight(logits: tf.Tensor2D, y: Labels): tf.Tensor1D {
  return tf.sub(tf.scalar(1, "int32"), misclassified(logits, y));
}
