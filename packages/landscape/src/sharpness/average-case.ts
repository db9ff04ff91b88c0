import { requireChoice, requireCount } from "@awp/core/authoring";
import { randomWeightPerturbation, type WeightBall, withPerturbation } from "@awp/perturb";
import { type AdversarialImages, heldImages } from "./held-images";
import { draws, requireSharpnessOptions, type SharpnessOptions } from "./options";
import { meanAndDeviation } from "../statistics";
import type { SharpnessEvent } from "./worst-case";

export interface AverageOptions extends SharpnessOptions, Pick<WeightBall, "gamma" | "scaling" | "relativeBox"> {
  /** How many perturbations are drawn. @default 10 */
  readonly samples?: number;
  /** Which adversarial images the losses at w + v are taken on. @default "fixed" */
  readonly adversarial?: AdversarialImages;
}

/** The losses near w, as plain JSON. */
export interface AverageSharpness {
  /** The mean loss at w. */
  readonly loss: number;
  /** The mean loss at each w + v. */
  readonly perturbedLosses: readonly number[];
  /** Their mean. */
  readonly perturbedLoss: number;
  /** Their standard deviation, with samples − 1 in the divisor; 0 for one sample. */
  readonly deviation: number;
  /** The mean over the perturbations, less the loss at w. */
  readonly sharpness: number;
  readonly images: number;
}

/**
 * Average-case sharpness: the loss under random perturbations of radius γ, `‖v‖ = γ‖w‖` in each layer, as
 * {@link randomWeightPerturbation} draws them. A sample costs a forward pass over all images, and with `"anew"` the attack.
 *
 * Yields an event after each loss and returns the whole; `drain` of core runs it to the end. Nothing is left on the device.
 *
 * @example
 * const test = () => batches(testSet, { batchSize: 100 });
 * const options = { network, batches: test, gamma: 0.01, random: random(0) };
 * const { sharpness, deviation } = await drain(averageSharpness(options));
 * @throws ArgumentError for options or batches that cannot be meant; AwpError for weights that a perturbation displaces.
 * @see Andriushchenko et al. 2023, arXiv:2302.07011
 */
export async function* averageSharpness(options: AverageOptions): AsyncGenerator<SharpnessEvent, AverageSharpness> {
  const { network, adversarial = "fixed", samples = 10, random } = options;
  const { gamma, scaling, relativeBox } = options;
  const chosen = requireSharpnessOptions(options);
  requireCount("samples", samples);
  requireChoice("adversarial", adversarial, ["fixed", "anew"]);
  const weightAttack = randomWeightPerturbation({
    gamma,
    predicate: (name) => chosen.has(name),
    ...(scaling !== undefined && { scaling }),
    ...(relativeBox !== undefined && { relativeBox }),
  });

  const images = await heldImages(options);
  try {
    const loss = await images.meanLoss("fixed");
    yield { kind: "loss", at: "centre", loss, done: 0, total: samples };
    const perturbedLosses: number[] = [];
    for (let sample = 0; sample < samples; sample++) {
      const draw = random.fold(draws.perturbation).fold(sample);
      const perturbation = weightAttack(network.parameters, images.loss, draw);
      try {
        const measured = withPerturbation(network.parameters, perturbation, () => images.meanLoss(adversarial));
        perturbedLosses.push(await measured);
      } finally {
        perturbation.dispose();
      }
      const [last] = perturbedLosses.slice(-1) as [number];
      yield { kind: "loss", at: "perturbed", loss: last, done: sample + 1, total: samples };
    }
    const { mean, deviation } = meanAndDeviation(perturbedLosses);
    return { loss, perturbedLosses, perturbedLoss: mean, deviation, sharpness: mean - loss, images: images.count };
  } finally {
    images.dispose();
  }
}
