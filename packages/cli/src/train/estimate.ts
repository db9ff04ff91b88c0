import type { TrainConfig } from "./config/schema";
import { type Images, trainSample } from "./images";
import { type MethodName, methods } from "./methods";

/** How many images go through the network, forth and back, in one step of a training and in all of it. */
export interface Passes {
  readonly step: number;
  readonly total: number;
}

/**
 * Passes of one method, by what they cost: an attack of K steps takes K of them for each image, an update one more, AWP's
 * perturbation another. A pass for an answer alone counts a third.
 */
export function passesOf(name: MethodName, config: TrainConfig, images: Images): Passes {
  const { batchSize, epochs, attack, evaluation } = config;
  const count = ({ indices }: Images["test"]): number => indices.length;
  const inner = name === "standard" ? 0 : attack.steps;
  const step = batchSize * (inner + 1 + (methods[name].perturbation?.passes ?? 0));
  const evaluated = (examples: number, steps: number): number => examples * (steps + 2 / 3);
  const epoch = Math.floor(count(images.train) / batchSize) * step + evaluated(count(images.validation), attack.steps);
  const end =
    evaluated(count(trainSample(images)), evaluation.steps) +
    evaluated(count(images.test), evaluation.steps) +
    evaluated(count(images.test), 1);
  return { step, total: epochs * epoch + end };
}

/** A time in the words of a person: "about 40 s", "about 1 min 30 s", "about 2 h 20 min". */
export function about(seconds: number): string {
  if (seconds < 55) return `about ${Math.max(5, 5 * Math.round(seconds / 5))} s`;
  if (seconds < 600) {
    const tens = Math.round(seconds / 10);
    return `about ${Math.floor(tens / 6)} min${tens % 6 > 0 ? ` ${10 * (tens % 6)} s` : ""}`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `about ${minutes} min`;
  const hours = Math.round(minutes / 10) / 6;
  return hours < 48 ? `about ${hours.toFixed(hours < 10 ? 1 : 0)} h` : `about ${(hours / 24).toFixed(0)} days`;
}
