import type { NetworkWeights, Parameters } from "@awp/core";
import { requireChoice, updateMovingAverage } from "@awp/core/authoring";
import type { Variable } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Settings } from "../optimizer/settings";

/**
 * Which running statistics the averaged weights are evaluated with.
 *
 * - `"live"`: those of the network that is trained, at the end of the epoch.
 * - `"average"`: averaged as the weights are.
 * - `"recomputed"`: the mean over the batches of the epoch of the statistics that each has under the averaged weights, in
 *   one more forward pass over the images as they are, without an attack. Every batch counts the same, as in PyTorch's
 *   `update_bn`. One forward pass more, of the first batch, finds how far a single batch moves them.
 */
export type AverageStatistics = "live" | "average" | "recomputed";

/** Which weights an epoch is judged by. */
export type Evaluated = "average" | "live";

/** An average of the weights on the way; it is updated beside the training and has no part in it. */
export interface WeightAverage {
  /** How it averages: a resumed training must do the same. */
  readonly settings: Settings;
  readonly statistics: AverageStatistics;
  /** The averaged weights under the network's names, as `networkEntries` takes them; empty before `prepare`. */
  readonly weights: NetworkWeights;
  /** Starts at the network's present weights, unless it has begun. */
  prepare(network: NetworkWeights): void;
  /** Takes in the network's weights after update number `step`, from 1. */
  update(network: NetworkWeights, step: number, stepsPerEpoch: number): void;
  dispose(): void;
}

export interface Averaging {
  readonly settings: Settings;
  readonly statistics: AverageStatistics;
  /** What the average so far weighs beside the weights after an update; undefined where these are not taken in. */
  readonly weightAt: (step: number, stepsPerEpoch: number) => number | undefined;
}

/** The average `weight · average + (1 − weight) · w`, whatever the weight depends on. With weight 0 it is w, bit for bit. */
export function weightAverage({ settings, statistics, weightAt }: Averaging): WeightAverage {
  requireChoice("statistics", statistics, ["live", "average", "recomputed"]);
  const weights = { parameters: new Map<string, Variable>(), buffers: new Map<string, Variable>() };

  function prepare({ parameters, buffers }: NetworkWeights): void {
    begin(weights.parameters, parameters);
    begin(weights.buffers, buffers);
  }

  return {
    settings: { ...settings, statistics },
    statistics,
    weights,
    prepare,
    update(network, step, stepsPerEpoch) {
      prepare(network);
      const weight = weightAt(step, stepsPerEpoch);
      if (weight === undefined) return;
      takeIn(weights.parameters, network.parameters, weight);
      if (statistics === "average") takeIn(weights.buffers, network.buffers, weight);
    },
    dispose() {
      for (const variables of Object.values(weights)) {
        tf.dispose([...variables.values()]);
        variables.clear();
      }
    },
  };
}

/** Gives the averages these values, bit for bit. */
export function assignAll(averages: Parameters, values: Parameters): void {
  for (const [name, average] of averages) tf.tidy(() => average.assign(tf.clone(values.get(name) as Variable)));
}

function begin(averages: Map<string, Variable>, values: Parameters): void {
  for (const [name, value] of values) {
    if (!averages.has(name))
      averages.set(
        name,
        tf.tidy(() => tf.variable(tf.clone(value), false)),
      );
  }
}

function takeIn(averages: Parameters, values: Parameters, weight: number): void {
  if (weight === 0) assignAll(averages, values);
  else for (const [name, average] of averages) updateMovingAverage(average, values.get(name) as Variable, 1 - weight);
}
