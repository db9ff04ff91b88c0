import type { Batch } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";

/** The same batches in the same order, the next of which can be had made before it is asked for. */
export interface OneAhead extends AsyncIterable<Batch> {
  /** Has the next batch made now; what goes wrong is thrown where the batch is asked for. */
  prepare(): void;
}

/**
 * Batches for one pass. Whoever launches a step on a device that computes by itself and then prepares the next batch lets
 * the two overlap. A pass that ends early frees the batch that nobody has asked for.
 */
export function oneAhead(batches: Iterable<Batch> | AsyncIterable<Batch>): OneAhead {
  const source = Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
  const make = async (): Promise<IteratorResult<Batch, unknown>> => source.next();
  let prepared: ReturnType<typeof make> | undefined;
  const take = (): typeof prepared => {
    const taken = prepared;
    prepared = undefined;
    return taken;
  };
  const iterator: AsyncIterator<Batch, unknown> = {
    next: () => take() ?? make(),
    async return() {
      const unused = await take()?.catch(() => undefined);
      if (unused !== undefined && unused.done !== true) tf.dispose([unused.value.images, unused.value.labels]);
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
  return {
    prepare() {
      prepared ??= make();
      prepared.catch(() => undefined);
    },
    [Symbol.asyncIterator]: () => iterator,
  };
}
