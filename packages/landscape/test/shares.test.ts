import { pgd } from "@awp/attacks";
import { type Attack, drain, type Network, type ProcessGroup, random } from "@awp/core";
import { trades } from "@awp/defenses";
import { disposeNetwork } from "@awp/models";
import { localGroups } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import {
  averageSharpness,
  hessianEigenvalues,
  hessianTrace,
  landscape,
  type LandscapeOptions,
  randomDirection,
  type SharpnessOptions,
  worstCaseSharpness,
} from "../src/index";
import { stateOf, toyBatches, toyNetwork } from "./toy";

const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 4 / 255, steps: 2, start: "uniform" });

/** 10 images in batches of 4; the last one has two. */
const batches = toyBatches({ count: 10, size: 4 });

interface Rank {
  readonly network: Network;
  readonly group?: ProcessGroup;
}

type Run = (rank: Rank) => AsyncGenerator<object, object>;

/** What a rank tells, on a network of its own, which must be as it was. */
async function told(run: Run, group?: ProcessGroup): Promise<object> {
  const network = toyNetwork();
  const before = stateOf(network);
  const events: object[] = [];
  try {
    const result = await drain(run({ network, ...(group && { group }) }), (event) => events.push(event));
    return { result, events };
  } finally {
    expect(stateOf(network)).toEqual(before);
    disposeNetwork(network);
  }
}

const onRanks = (size: number, run: Run) => localGroups(size).map((group) => told(run, group));

const line = [[-0.5, 0.25, 0, 1, -1]];
const plane = [
  [-0.5, 0.5],
  [0, 1, -1],
];

/** A landscape along random directions of the rank's network. */
function drawn(positions: readonly (readonly number[])[], options: Partial<LandscapeOptions> = {}): Run {
  return async function* ({ network, group }) {
    const directions = positions.map((_, axis) => randomDirection(network.parameters, random(axis)));
    const axes = positions.map((each, axis) => ({ direction: directions[axis]!, positions: each }));
    const rest = { network, batches, axes, random: random(5), ...options, ...(group && { group }) };
    try {
      return yield* landscape(rest);
    } finally {
      for (const direction of directions) direction.dispose();
    }
  };
}

const known = [{ at: [0.25], clean: { loss: 1, accuracy: 0.5 }, adversarial: { loss: 2, accuracy: 0 } }];

const defense = trades({ attack, beta: 6 });

const sharp = { batches, attack, random: random(0) };

const runs: Record<string, Run> = {
  "a line with the attack made anew": drawn(line, { attack }),
  "a line with images made at the centre": drawn(line, { attack, pregenerated: true }),
  "a line with recalibrated statistics": drawn(line, { statistics: "recalibrated" }),
  "a plane": drawn(plane, { attack }),
  "a line of which a point is known": drawn(line, { attack, measured: known }),
  "a line of one point": drawn([[0.5]], { attack }),
  "worst-case sharpness": (rank) =>
    worstCaseSharpness({ ...sharp, ...rank, gamma: 0.1, steps: 2, adversarial: "anew" }),
  "average sharpness": (rank) => averageSharpness({ ...sharp, ...rank, gamma: 0.1, samples: 3, adversarial: "anew" }),
  "the Hessian's eigenvalues": (rank) => hessianEigenvalues({ ...sharp, ...rank, count: 2, iterations: 4 }),
  "the Hessian's trace": (rank) => hessianTrace({ ...sharp, ...rank, samples: 2 }),
  "the trace of a loss without second derivatives": (rank) =>
    hessianTrace({ ...sharp, ...rank, samples: 2, loss: (...given) => defense.loss(...given) }),
};

it.each(Object.entries(runs))(
  "%s has the figures and the events of one process, to the bit, on every rank",
  async (_, run) => {
    const one = await told(run);
    for (const size of [1, 2, 4]) for (const each of await Promise.all(onRanks(size, run))) expect(each).toEqual(one);
  },
);

it("a landscape measures each point on one rank, and a sharpness attacks each batch on one", async () => {
  const attacks: number[] = [];
  const counting =
    ({ group }: Rank): Attack =>
    (...problem) => {
      attacks[group!.rank] = (attacks[group!.rank] ?? 0) + 1;
      return attack(...problem);
    };
  await Promise.all(onRanks(2, (rank) => drawn(line, { attack: counting(rank) })(rank)));
  expect(attacks.splice(0)).toEqual([3 * 3, 2 * 3]);
  await Promise.all(onRanks(2, (rank) => hessianTrace({ ...sharp, ...rank, attack: counting(rank), samples: 1 })));
  expect(attacks).toEqual([2, 1]);
});

const failing: Attack = () => {
  throw new Error("out of memory");
};

it.each<[string, string, (group: Rank) => Run]>([
  ["a landscape", "landscape", ({ group }) => drawn(line, group?.rank === 1 ? { attack: failing } : { attack })],
  [
    "a landscape, at its centre",
    "adversarial images",
    ({ group }) => drawn(line, { pregenerated: true, attack: group?.rank === 1 ? failing : attack }),
  ],
  [
    "sharpness",
    "adversarial images",
    ({ group }) =>
      (rank) =>
        averageSharpness({ ...sharp, ...rank, gamma: 0.1, attack: group?.rank === 1 ? failing : attack }),
  ],
])("%s ends on all ranks where one fails, with weights as they were and nothing left", async (_, what, run) => {
  const before = tf.memory().numTensors;
  const settled = await Promise.allSettled(onRanks(3, (rank) => run(rank)(rank)));
  const named = `AwpError: rank 1 of 3, ${what}: out of memory`;
  expect(settled.map((each) => String((each as PromiseRejectedResult).reason))).toEqual([
    named,
    "Error: out of memory",
    named,
  ]);
  expect(tf.memory().numTensors).toBe(before);
});

it.each<[string, string, (options: Pick<SharpnessOptions, "batches">) => Run]>([
  [
    "landscape",
    '"[-1] on 9 images, 0 to 8" where rank 0 does "[-1] on 10 images, 0 to 9"',
    (options) => drawn(line, options),
  ],
  [
    "sharpness",
    '"1 images, 8 to 8" where rank 0 does "2 images, 8 to 9"',
    (options) => (rank) => hessianTrace({ ...sharp, ...rank, ...options }),
  ],
])("ranks with other images than one another measure no %s", async (_, message, run) => {
  const others = ({ group }: Rank) => ({ batches: toyBatches({ count: group!.rank === 0 ? 10 : 9, size: 4 }) });
  const settled = await Promise.allSettled(onRanks(2, (rank) => run(others(rank))(rank)));
  for (const each of settled) expect(String((each as PromiseRejectedResult).reason)).toContain(`does ${message}`);
});
