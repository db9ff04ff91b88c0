import type { Attack, Defense, Images, Network, ProcessGroup, Random } from "@awp/core";
import { inShares, requireArgument, requireChoice } from "@awp/core/authoring";
import { requireUnperturbed } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { displaced, type LandscapeStatistics } from "./displaced";
import { type Batches, described, disposeBatch, eachKnownBatch, knownBatches, layoutOf } from "./each-batch";
import { ascending, gridOf, type LandscapeAxis, requireAxes, samePoint } from "./grid";
import { adversarialOfEach, defaultLoss, type Measurement, measuredIn, type Tally, tallyBatch } from "./measure";
import type { LandscapePoint } from "./point";

export interface LandscapeOptions {
  /** Displaced while a point is measured, and its own again, bit for bit, whenever the generator gives an event. */
  readonly network: Network;
  /**
   * Makes the images, as `() => batches(dataset, { batchSize })` of `@awp/data` does: called once to look them through and
   * then once for each point, and the same each time. Each batch is disposed after use. Labels are class indices.
   */
  readonly batches: Batches;
  /** One, for a line, or two, for a plane: w + α · d, or w + α · d + β · e. The directions stay the caller's. */
  readonly axes: readonly LandscapeAxis[];
  /** Makes adversarial images anew at each point, in evaluation mode. @default none: clean images alone */
  readonly attack?: Attack;
  /** The loss of each image, `[batch]`, such as `trades({ … }).loss` of `@awp/defenses`. @default cross-entropy */
  readonly loss?: Defense["loss"];
  /**
   * Whether the images that the attack makes at the centre are measured too, at each point. All of them stay in the
   * device's memory meanwhile. @default false
   */
  readonly pregenerated?: boolean;
  /** @default "centre" */
  readonly statistics?: LandscapeStatistics;
  /**
   * What the attack draws by, the same at each point: curves differ by the weights alone. Each image draws by its index in
   * its data set, so that neither order nor size of the batches counts.
   */
  readonly random: Random;
  /** Points of the same landscape that are known already, from a run that was ended: they are not measured again. */
  readonly measured?: readonly LandscapePoint[];
  /**
   * Processes that share the points, point number k being measured by rank k mod size. Each is given the same options, with
   * a network of its own, and has the events and the landscape of one process, to the bit where the devices compute alike.
   * `signal` then changes on all ranks alike, when the group gathers: after a point a rank. @default none: this process alone
   */
  readonly group?: ProcessGroup;
  /** Ends it between two batches, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What is told after each point that has been measured. */
export interface LandscapeEvent {
  readonly kind: "point";
  readonly point: LandscapePoint;
  /** How many points are there now, those known before among them. */
  readonly done: number;
  readonly total: number;
}

/** A weight-loss landscape, as plain JSON. */
export interface Landscape {
  /** What each direction is, and the positions along it, ascending. */
  readonly axes: readonly { readonly direction: string; readonly positions: readonly number[] }[];
  readonly images: number;
  readonly statistics: LandscapeStatistics;
  /** Those of the grid of the axes' positions, ascending, the first axis outermost. */
  readonly points: readonly LandscapePoint[];
}

/**
 * The weight-loss landscape g(α) = ρ(w + α · d): loss and accuracy of a network along one direction of its weights, or
 * two, on clean images and on adversarial ones that are made anew at each point, as the network there would be attacked.
 *
 * Yields an event after each point and returns the whole; `drain` of core runs it to the end. A point costs what an
 * evaluation of the images with that attack costs. Nothing is left on the device.
 *
 * @example
 * const direction = randomDirection(network.parameters, random(1));
 * const { points } = await drain(
 *   landscape({
 *     network,
 *     batches: () => batches(testSet, { batchSize: 100 }),
 *     axes: [{ direction, positions: [-1, -0.5, 0, 0.5, 1] }],
 *     attack: pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 10 }),
 *     random: random(0),
 *   }),
 * );
 * @throws ArgumentError for axes, directions or batches that cannot be meant, before any point; AwpError for weights that
 * a perturbation displaces.
 * @see Wu, Xia, Wang 2020, arXiv:2004.05884, section 3; Li et al. 2018, arXiv:1712.09913
 */
export async function* landscape(options: LandscapeOptions): AsyncGenerator<LandscapeEvent, Landscape> {
  const { network, batches, axes, attack, statistics = "centre", random, measured = [] } = options;
  const { pregenerated: asked = false, loss = defaultLoss, group, signal } = options;
  requireAxes(axes, network.parameters);
  requireChoice("statistics", statistics, ["centre", "recalibrated"]);
  requireArgument(!asked || attack !== undefined, "pregenerated", true, "an attack that makes those images");
  requireArgument(random.rows === undefined, "random", "one with rows", "one without: each batch has its own");
  requireUnperturbed(network.parameters);
  const layout = await layoutOf(batches, signal);

  const measurement: Measurement = { network, attack, loss, random };
  const at = <T>(point: readonly number[], body: () => Promise<T>): Promise<T> =>
    displaced({ network, axes, statistics, batches, signal }, point, body);
  const grid = gridOf(axes);
  const points = new Map<readonly number[], LandscapePoint>();
  for (const place of grid) {
    const known = measured.find((point) => samePoint(point.at, place));
    if (known !== undefined && isComplete(known, { attack, asked })) points.set(place, known);
  }

  const atCentre: Images[] = [];
  try {
    if (asked && attack !== undefined && points.size < grid.length) {
      const centre = axes.map(() => 0);
      await at(centre, async () => {
        const known = { batches: knownBatches(batches, layout), release: disposeBatch, group, signal };
        for await (const images of adversarialOfEach({ measurement, attack, ...known })) atCentre.push(images);
      });
    }
    const units = grid.filter((place) => !points.has(place));
    const work = async (place: readonly number[]): Promise<LandscapePoint> => {
      const tally: Tally = new Map();
      await at(place, () =>
        eachKnownBatch(batches, layout, signal, (batch, k) => tallyBatch(measurement, batch, atCentre[k], tally)),
      );
      return { at: place, ...measuredIn(tally) };
    };
    const label = (place: readonly number[]): string => `[${place.join(", ")}] on ${described(layout)}`;
    let next = 0;
    for await (const { outcome: point } of inShares({ group, units, work, label, signal, what: "landscape" })) {
      points.set(units[next++] as readonly number[], point);
      yield { kind: "point", point, done: points.size, total: grid.length };
    }
  } finally {
    tf.dispose(atCentre);
  }
  return {
    axes: axes.map(({ direction, positions }) => ({
      direction: direction.description,
      positions: ascending(positions),
    })),
    images: layout.reduce((images, { length }) => images + length, 0),
    statistics,
    points: grid.map((place) => points.get(place) as LandscapePoint),
  };
}

/** Whether a known point has all that is asked for. */
function isComplete(
  point: LandscapePoint,
  { attack, asked }: { readonly attack: Attack | undefined; readonly asked: boolean },
): boolean {
  return (attack === undefined || point.adversarial !== undefined) && (!asked || point.pregenerated !== undefined);
}
