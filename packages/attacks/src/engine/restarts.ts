import type { AttackResult, Classifier, Images, IterativeAttack, Labels, Random } from "@awp/core";
import { requireCount } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import type { Problem } from "./iterative";
import { comparable } from "./not-a-number";

/** Restarts under way; they own their tensors. */
export interface RestartState<State> {
  readonly problem: Problem;
  readonly run: State;
  /** The worst of the restarts before `run`. */
  readonly worst?: AttackResult | undefined;
  readonly done: number;
}

/**
 * Repeats an attack and keeps, per example, the result with the largest objective: the latest among equals, as the
 * reference implementation.
 *
 * The plain call takes one forward pass per restart to compare them, and none for a single one.
 *
 * @example
 * const attack = restarted(apgd({ norm: "linf", epsilon: 8 / 255 }), 5);
 */
export function restarted<State>(
  attack: IterativeAttack<State>,
  restarts: number,
): IterativeAttack<RestartState<State>> {
  requireCount("restarts", restarts);
  const iterations = attack.iterations * restarts;

  function begin({ classifier, x, y, random }: Problem, restart: number): State {
    return attack.start(classifier, x, y, restart === 0 ? random : random.fold(restart));
  }

  function start(classifier: Classifier, x: Images, y: Labels, random: Random): RestartState<State> {
    const problem = { classifier, x: tf.clone(x), y: tf.clone(y), random };
    try {
      return { problem, run: begin(problem, 0), done: 0 };
    } catch (error) {
      tf.dispose([problem.x, problem.y]);
      throw error;
    }
  }

  function advance(state: RestartState<State>, count: number): RestartState<State> {
    const { problem } = state;
    let { run, worst, done } = state;
    const end = Math.min(done + count, iterations);
    try {
      while (done < end) {
        if (done > 0 && done % attack.iterations === 0) {
          worst = worse(worst, attack.finish(run), done - attack.iterations);
          run = begin(problem, done / attack.iterations);
        }
        const block = Math.min(end - done, attack.iterations - (done % attack.iterations));
        run = attack.advance(run, block);
        done += block;
      }
    } catch (error) {
      discard({ problem, run, worst, done });
      throw error;
    }
    return { problem, run, worst, done };
  }

  function finish(state: RestartState<State>): AttackResult {
    const { run, worst, done } = state;
    const before = Math.max(0, Math.ceil(done / attack.iterations) - 1) * attack.iterations;
    try {
      return worse(worst, attack.finish(run), before);
    } finally {
      discard(state);
    }
  }

  function discard({ problem, run, worst }: RestartState<State>): void {
    attack.discard(run);
    tf.dispose([problem.x, problem.y, { ...worst }]);
  }

  function repeated(classifier: Classifier, x: Images, y: Labels, random: Random): Images {
    if (restarts === 1) return attack(classifier, x, y, random);
    return tf.tidy(() => finish(advance(start(classifier, x, y, random), iterations)).images);
  }

  return Object.assign(repeated, { iterations, start, advance, finish, discard });
}

/** The worse of two results per example; disposes both. `earlier` is the number of iterations before those of `found`. */
function worse(worst: AttackResult | undefined, found: AttackResult, earlier: number): AttackResult {
  if (worst === undefined) return found;
  try {
    return tf.tidy(() => {
      const reached = ({ objective, broken }: AttackResult): Tensor1D => comparable(objective, broken);
      const replaces = tf.greaterEqual(reached(found), reached(worst));
      const pick = <T extends Tensor>(a: T, b: T): T => tf.where(replaces, a, b);
      return {
        images: tf.where(tf.reshape(replaces, [-1, 1, 1, 1]), found.images, worst.images),
        broken: pick(found.broken, worst.broken),
        iteration: pick<Tensor1D>(tf.add(found.iteration, tf.scalar(earlier, "int32")), worst.iteration),
        objective: pick(found.objective, worst.objective),
      };
    });
  } finally {
    tf.dispose([{ ...worst }, { ...found }]);
  }
}
