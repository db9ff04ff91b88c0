import { stopSignals } from "./stop";

/*
 * Imported first in a worker: a signal that comes while TensorFlow.js is loading must not end it, nor open the debugger.
 * A Ctrl-C reaches every process of the terminal, so that worker and parent both get it; what the parent says counts too.
 */
const controller = new AbortController();

/** Asks the worker to end after the running step. */
export const requestPause = (): void => controller.abort();

for (const signal of stopSignals) process.on(signal, requestPause);

/** Aborted when the worker is to end after the running step. */
export const pause: AbortSignal = controller.signal;
