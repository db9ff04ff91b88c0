import type { Classifier, Images, Labels, Random, TrackingAttack } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Finding } from "./finding";

export interface AttackRun {
  readonly attack: TrackingAttack<unknown>;
  readonly classifier: Classifier;
  readonly images: Images;
  readonly labels: Labels;
  /** Randomness with a key for each row. */
  readonly random: Random;
  /** Iterations between two looks at what is broken. */
  readonly block: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs an attack on a batch, which stays the caller's, block by block. What is broken is taken out; the rest goes on in
 * a batch of the next power of two, so that few batch sizes occur. Returns what was found, by row.
 */
export async function runAttack(run: AttackRun): Promise<ReadonlyMap<number, Finding>> {
  const { attack, classifier, images, labels, random, block, signal } = run;
  const findings = new Map<number, Finding>();
  let rows = Array.from({ length: images.shape[0] }, (_, row) => row);
  let state = attack.start(classifier, images, labels, random);
  try {
    for (let done = 0; done < attack.iterations; done += block) {
      signal?.throwIfAborted();
      state = attack.advance(state, Math.min(block, attack.iterations - done));
      const broken = await read(attack.broken(state));
      const fresh = positions(rows, (row, at) => broken[at] === 1 && !findings.has(row));
      if (fresh.length > 0) {
        const harvested = await harvest(attack, attack.select(state, fresh));
        for (const [i, finding] of harvested.entries()) findings.set(rows[fresh[i] as number] as number, finding);
      }
      const open = positions(rows, (row) => !findings.has(row));
      if (open.length === 0) break;
      const size = 2 ** Math.ceil(Math.log2(open.length));
      if (size >= rows.length) continue;
      // Filled up with rows that are done: they cost time, but no batch size of their own.
      const filling = positions(rows, (row) => findings.has(row)).slice(0, size - open.length);
      const kept = Int32Array.of(...open, ...filling);
      const smaller = attack.select(state, kept);
      attack.discard(state);
      state = smaller;
      rows = Array.from(kept, (at) => rows[at] as number);
    }
  } finally {
    attack.discard(state);
  }
  return findings;
}

function positions(rows: readonly number[], wanted: (row: number, at: number) => boolean): Int32Array {
  return Int32Array.from(rows.flatMap((row, at) => (wanted(row, at) ? [at] : [])));
}

/** What an attack found for each row of a state, which it disposes. */
async function harvest(attack: TrackingAttack<unknown>, state: unknown): Promise<Finding[]> {
  const { images, broken, iteration, objective } = attack.finish(state);
  tf.dispose([broken, objective]);
  const [pixels, taken] = [await read(images), await read(iteration)];
  const size = pixels.length / taken.length;
  return Array.from(taken, (iteration, i) => ({
    image: pixels.slice(i * size, (i + 1) * size) as Float32Array,
    iteration,
  }));
}

/** The values of a tensor that is of no use after. */
async function read(tensor: tf.Tensor): Promise<Float32Array | Int32Array> {
  try {
    return (await tensor.data()) as Float32Array | Int32Array;
  } finally {
    tensor.dispose();
  }
}
