import { type Images, misclassified, projectOntoThreat, type TrackingAttack } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { expectedGradient, type Observation } from "../engine/expected-gradient";
import type { AttackState, Problem } from "../engine/iterative";
import { comparable } from "../engine/not-a-number";
import { type Start, startingPoint } from "../engine/start";
import { tracking } from "../engine/tracking";
import type { Ascent } from "../objective/resolve";
import { type Climb, keepBest, keepFound } from "./climb";
import type { Phase } from "./phases";

interface ClimbingOptions {
  readonly steps: number;
  readonly start: Start;
  readonly eotSteps: number;
  readonly ascent: Ascent;
}

/** APGD in the balls of the phases, one after the other; what counts is found in the last. */
export function climbing<Memory extends Readonly<Record<string, Tensor>>>(
  { steps, start, eotSteps, ascent }: ClimbingOptions,
  phases: readonly Phase<Memory>[],
): TrackingAttack<AttackState<Climb>> {
  const [opening, last] = [phases[0], phases.at(-1)] as [Phase<Memory>, Phase<Memory>];

  function observe({ classifier, y }: Problem, images: Images, { reference }: Constants): Seen {
    const seen = expectedGradient(classifier, images, (logits) => ascent.value(logits, y, reference), eotSteps);
    const wrong = misclassified(seen.logits, y);
    return { ...seen, value: comparable(seen.value, wrong), wrong };
  }

  function enter(problem: Problem, phase: Phase<Memory>, images: Images, constants: Constants): Climb & Memory {
    const seen = observe(problem, images, constants);
    const fresh = startOfClimb(problem.x, images, seen, constants, phase.rule.firstStep * phase.ball.epsilon);
    const climb = phase === last ? keepFound(fresh, seen.wrong, phase.first) : fresh;
    return { ...climb, ...phase.rule.memory(climb, problem.x) };
  }

  return tracking<Climb & Memory>({
    iterations: steps,
    start: (problem) => {
      const { classifier, x, y, random } = problem;
      const logits = classifier(x);
      const natural: Tensor1D = tf.sub(tf.scalar(1, "int32"), misclassified(logits, y));
      const constants = { natural, reference: ascent.reference(problem, logits) };
      return enter(problem, opening, startingPoint(x, { start }, opening.ball, random), constants);
    },
    iterate: (problem, before, index) => {
      const { x } = problem;
      const phase = phases.filter(({ first }) => first <= index).at(-1) as Phase<Memory>;
      const { first, ball, rule } = phase;
      const begins = phase !== opening && index === first;
      const climb = begins ? enter(problem, phase, projectOntoThreat(before.best, x, ball), before) : before;
      const images = rule.move(climb, x, index - first);
      const seen = observe(problem, images, climb);
      const moved = keepBest({ ...climb, images, previous: climb.images }, seen);
      const noted = phase === last ? keepFound(moved, seen.wrong, index + 1) : moved;
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

/** What stays the same from the first step to the last. */
type Constants = Pick<Climb, "natural" | "reference">;

interface Seen extends Observation {
  /** 1 where the classifier errs, else 0, int32. */
  readonly wrong: Tensor1D;
}

/** The climb before its first step, from `images`, where that was seen. */
function startOfClimb(x: Images, images: Images, seen: Seen, { natural, reference }: Constants, length: number): Climb {
  return {
    natural,
    reference,
    images,
    previous: images,
    gradient: seen.gradient,
    best: images,
    bestGradient: seen.gradient,
    bestLoss: seen.value,
    stepSize: tf.fill([images.shape[0], 1, 1, 1], length),
    found: tf.clone(x),
    broken: tf.sub(tf.scalar(1, "int32"), natural),
    iteration: tf.zerosLike(natural),
  };
}
