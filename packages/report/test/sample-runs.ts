import type { ImageSheet, LandscapeFigures, PointFigures, RunFigures } from "../src/index";

/* Runs with figures in closed form, so that a test can say where each mark lies. */

const alphas = Array.from({ length: 21 }, (_, i) => (i - 10) / 10);

export interface SampleOptions {
  /** How steep the landscape is: the loss grows by `curvature · (1 + seed / 10) · α²`. */
  readonly curvature?: number;
  /** Train minus test robust accuracy at the end. */
  readonly gap?: number;
  readonly gamma?: number;
  readonly plane?: boolean;
  readonly sheet?: boolean;
}

/** A run of sixty epochs with landscapes of both splits along two directions after every twelfth. */
export function sampleRun(name: string, options: SampleOptions = {}): RunFigures {
  const { curvature = 1, gap = 0.2, gamma = 0, plane = false, sheet = false } = options;
  const epochs = Array.from({ length: 60 }, (_, i) => i + 1);
  const landscapes = [12, 24, 36, 48, 60].flatMap((epoch) =>
    ["train", "test"].flatMap((split) => [1, 2].map((seed) => sampleLine({ epoch, split, seed, curvature, gap }))),
  );
  return {
    name,
    settings: { network: "small-cnn", "attack.epsilon": 8 / 255, "attack.steps": 10, gamma, average: null },
    epochs: epochs.map((epoch) => ({
      epoch,
      loss: 1 + gap + 1.3 * Math.exp(-epoch / 20),
      learningRate: epoch <= 30 ? 0.1 : epoch <= 45 ? 0.01 : 0.001,
      metrics: { natural: 0.3 - gap / 5 + epoch / 200, robust: 0.2 - gap / 5 + epoch / 400 },
    })),
    accuracies: ["train", "test"].flatMap((split) => {
      const less = split === "test" ? gap : 0;
      return [
        { split, attack: "natural", epsilon: 0, accuracy: 0.85 - less, images: 1000 },
        { split, attack: "PGD-20", epsilon: 4 / 255, accuracy: 0.7 - less, images: 1000 },
        { split, attack: "PGD-20", epsilon: 8 / 255, accuracy: 0.55 - less, images: 1000 },
        { split, attack: "AutoAttack", epsilon: 8 / 255, accuracy: 0.5 - less, images: 1000 },
      ];
    }),
    landscapes: plane ? [...landscapes, samplePlane(curvature)] : landscapes,
    ...(sheet ? { sheet: sampleSheet() } : {}),
  };
}

function sampleLine(of: {
  epoch: number;
  split: string;
  seed: number;
  curvature: number;
  gap: number;
}): LandscapeFigures {
  const { epoch, split, seed, curvature, gap } = of;
  const steep = curvature * (1 + seed / 10) * (0.5 + epoch / 60);
  const accuracy = 0.3 + epoch / 240 - (split === "test" ? (gap * epoch) / 60 : 0);
  const base = (split === "test" ? 1.6 : 1.4) - epoch / 120;
  return {
    ...{ epoch, split, attack: "PGD-20", images: 200 },
    directions: [`random, filter-normalised, seed ${seed}`],
    points: alphas.map((alpha) => ({
      at: [alpha],
      clean: { loss: base - 0.6 + 0.6 * steep * alpha ** 2, accuracy: Math.min(1, accuracy + 0.2) },
      adversarial: { loss: base + steep * alpha ** 2, accuracy: accuracy * Math.exp(-(alpha ** 2)) },
      pregenerated: { loss: base + 0.4 * steep * alpha ** 2, accuracy },
    })),
  };
}

/** A bowl, `1 + curvature · (α² + 2β²)`, on a grid of 17 by 17. */
export function samplePlane(curvature = 1): LandscapeFigures {
  const steps = Array.from({ length: 17 }, (_, i) => (i - 8) / 8);
  const points = steps.flatMap((beta) =>
    steps.map((alpha): PointFigures => {
      const loss = 1 + curvature * (alpha ** 2 + 2 * beta ** 2);
      return { at: [alpha, beta], clean: { loss: loss / 2, accuracy: 0.8 }, adversarial: { loss, accuracy: 0.5 } };
    }),
  );
  const directions = ["random, filter-normalised, seed 1", "random, filter-normalised, seed 2"];
  return { epoch: 60, split: "train", directions, attack: "PGD-20", images: 200, points };
}

function sampleSheet(): ImageSheet {
  const [height, width] = [32, 32];
  const rows = ["cat", "ship", "horse"].map((label, k) => {
    const image = Uint8Array.from(
      { length: height * width * 3 },
      (_, i) => 60 + ((i * (k + 3)) % 97) + Math.floor(i / 96),
    );
    const adversarial = image.map((value, i) => value + ((i >> k) % 2 === 0 ? 8 : -8));
    return { image, adversarial, label, predicted: label, predictedAdversarial: k === 1 ? label : "dog" };
  });
  return { height, width, channels: 3, attack: "PGD-20", rows };
}
