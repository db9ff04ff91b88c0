import { requireChoice } from "@awp/core/authoring";
import { awp, type AwpOptions, withPerturbation } from "@awp/perturb";
import { type AdversarialImages, heldImages } from "./held-images";
import { draws, requireSharpnessOptions, type SharpnessOptions } from "./options";

export interface WorstCaseOptions
  extends SharpnessOptions,
    Pick<AwpOptions, "gamma" | "steps" | "stepSize" | "scaling" | "relativeBox"> {
  /**
   * Which adversarial images the loss at w + v is taken on; v is looked for on those made at w, as AWP does.
   *
   * @default "fixed"
   */
  readonly adversarial?: AdversarialImages;
}

/** A loss that is known: at w, then at w + v. */
export interface SharpnessEvent {
  readonly kind: "loss";
  readonly at: "centre" | "perturbed";
  readonly loss: number;
  /** How many perturbations have been measured, of how many. */
  readonly done: number;
  readonly total: number;
}

/** The largest loss near w, as plain JSON. */
export interface WorstCaseSharpness {
  /** The mean loss at w. */
  readonly loss: number;
  /** The mean loss at w + v. */
  readonly perturbedLoss: number;
  /** Their difference. */
  readonly sharpness: number;
  readonly images: number;
}

/**
 * Worst-case sharpness: how far the loss can be raised within the γ-ball around the weights, `‖v‖ ≤ γ‖w‖` in each layer,
 * by the projected ascent of {@link awp}. It is a lower bound of the maximum, and near it where the loss is near its
 * linear part; each step costs a forward and a backward pass over all images.
 *
 * Yields an event after each loss and returns the whole; `drain` of core runs it to the end. Nothing is left on the device.
 *
 * @example
 * const test = () => batches(testSet, { batchSize: 100 });
 * const options = { network, batches: test, gamma: 0.01, steps: 10, random: random(0) };
 * const { sharpness } = await drain(worstCaseSharpness(options));
 * @throws ArgumentError for options or batches that cannot be meant; AwpError for weights that a perturbation displaces.
 * @see Wu, Xia, Wang 2020, arXiv:2004.05884; Keskar et al. 2016, arXiv:1609.04836
 */
export async function* worstCaseSharpness(
  options: WorstCaseOptions,
): AsyncGenerator<SharpnessEvent, WorstCaseSharpness> {
  const { network, adversarial = "fixed", random, signal } = options;
  const { gamma, steps, stepSize, scaling, relativeBox } = options;
  const chosen = requireSharpnessOptions(options);
  requireChoice("adversarial", adversarial, ["fixed", "anew"]);
  const weightAttack = awp({
    gamma,
    predicate: (name) => chosen.has(name),
    ...(steps !== undefined && { steps }),
    ...(stepSize !== undefined && { stepSize }),
    ...(scaling !== undefined && { scaling }),
    ...(relativeBox !== undefined && { relativeBox }),
  });

  const images = await heldImages(options);
  try {
    const loss = await images.meanLoss("fixed");
    yield { kind: "loss", at: "centre", loss, done: 0, total: 1 };
    signal?.throwIfAborted();
    const perturbation = weightAttack(network.parameters, images.loss, random.fold(draws.perturbation));
    let perturbedLoss: number;
    try {
      perturbedLoss = await withPerturbation(network.parameters, perturbation, () => images.meanLoss(adversarial));
    } finally {
      perturbation.dispose();
    }
    yield { kind: "loss", at: "perturbed", loss: perturbedLoss, done: 1, total: 1 };
    return { loss, perturbedLoss, sharpness: perturbedLoss - loss, images: images.count };
  } finally {
    images.dispose();
  }
}
