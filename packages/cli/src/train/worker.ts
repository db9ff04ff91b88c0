import type { WorkerMessage, WorkerOrder } from "./job";
import { stopSignals } from "../terminal/signals";

/*
 * One training in a process of its own: several that use one core each share a machine, and the parent hears the user
 * while a step is computed. When the parent goes, so does this.
 *
 * A Ctrl-C reaches every process of a terminal: here it asks for the same as the parent's word does. Listeners come
 * before TensorFlow.js, which is long in loading: a signal meanwhile must not end this, nor open Node's debugger.
 */

const pause = new AbortController();
for (const signal of stopSignals) process.on(signal, () => pause.abort());

let finished = false;
process.on("disconnect", () => process.exit(finished ? 0 : 1));

const tell = (message: WorkerMessage): void => void process.send?.(message);

process.on("message", (order: WorkerOrder) => {
  if (order === "pause") return pause.abort();
  void import("./work")
    .then(({ work }) => work(order, pause.signal, tell))
    .finally(() => {
      finished = true;
      process.disconnect();
    });
});
