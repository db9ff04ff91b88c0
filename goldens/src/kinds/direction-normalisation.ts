import { normalizedDirection } from "@awp/landscape";
import { disposeNetwork } from "@awp/models";
import { fromTorchLayout, toTorchLayout } from "@awp/core/authoring";
import type { NamedTensors, Network } from "@awp/core";
import { stream } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import type { Fields } from "../fields";
import { type Findings, NotYet, requireKnown } from "../findings";
import { goldenNetwork } from "../golden-network";
import { checkTensors, ofNorm } from "../tensor-figures";
import { tolerance } from "../tolerance";

const levels = ["filter", "layer"] as const;

/** A direction that any language can rebuild, with the lengths of the weights' filters, and of their layers. */
export async function directionNormalisation(golden: Fields, findings: Findings): Promise<void> {
  requireKnown(golden, ["kind", "note", "network", "direction_seed", "direction", "ignore", ...levels]);
  requireWords(golden, "direction", /^element i of parameter k: 2\*u-1 with u from stream\(.*\+k\), torch layout$/);
  requireWords(golden, "ignore", /^biasbn\b/);
  const network = goldenNetwork(golden.object("network"));
  const deltas = goldenDirection(network, golden.number("direction_seed"));
  try {
    for (const normalization of levels) {
      if (!golden.has(normalization)) continue;
      const direction = normalizedDirection(deltas, network.parameters, { normalization });
      const still = new Map(
        [...network.parameters].flatMap(([name, weight]) =>
          direction.deltas.has(name) ? [] : [[name, tf.zerosLike(weight)] as const],
        ),
      );
      try {
        const all = new Map([...direction.deltas, ...still]);
        await checkTensors(findings, normalization, all, golden.object(normalization), ofNorm(tolerance.direction));
      } finally {
        tf.dispose([...still.values()]);
        direction.dispose();
      }
    }
  } finally {
    tf.dispose([...deltas.values()]);
    disposeNetwork(network);
  }
}

function goldenDirection({ parameters }: Network, seed: number): NamedTensors {
  return new Map(
    [...parameters].map(([name, weight], k) => [
      name,
      tf.tidy(() => {
        const { shape, size } = toTorchLayout(weight);
        return fromTorchLayout(
          tf.tensor(
            Float32Array.from(stream(seed + k, size), (u) => 2 * u - 1),
            shape,
          ),
        );
      }),
    ]),
  );
}

function requireWords(golden: Fields, key: string, words: RegExp): void {
  if (!words.test(golden.text(key))) throw new NotYet(`${key}: ${golden.text(key)}`);
}
