import type { CheckpointEvent, EpochEvent, ResumedEvent, WarningEvent } from "./training-event";
import { encodeCheckpoint } from "../store/checkpoint";
import type { CheckpointState } from "../store/checkpoint-state";
import { bestEpochs, requireNoRun, type ResumeOptions, resumeRun } from "../store/resume";
import type { RunStore } from "../store/run-store";

/** What the loop tells of its run, so that the run can go on after a kill. */
export interface RunRecord {
  /** The state to go on from: that of the newest checkpoint when resumed, else `first`. */
  begin(first: CheckpointState): AsyncGenerator<ResumedEvent | WarningEvent, CheckpointState>;
  epoch(report: EpochEvent): Promise<void>;
  /** Stores the epoch just done as the best one. */
  best(state: CheckpointState): Promise<void>;
  /** Stores the state after an epoch. */
  checkpoint(state: CheckpointState): AsyncGenerator<CheckpointEvent, void>;
  /** Names the place of the best epoch, if there is one and it is stored. */
  bestPlace(state: CheckpointState): string | undefined;
}

export interface RunRecordOptions extends ResumeOptions {
  readonly store?: RunStore;
  readonly resume?: boolean;
}

export function runRecord({ store, ...options }: RunRecordOptions): RunRecord {
  return store === undefined ? unrecorded : storedRecord(store, options);
}

/** The record of a training that stores nothing; its weights are never read back for it. */
const unrecorded: RunRecord = {
  // eslint-disable-next-line require-yield -- nothing is resumed
  async *begin(first) {
    return Promise.resolve(first);
  },
  epoch: () => Promise.resolve(),
  best: () => Promise.resolve(),
  async *checkpoint() {},
  bestPlace: () => undefined,
};

function storedRecord(store: RunStore, options: Omit<RunRecordOptions, "store">): RunRecord {
  const { network, optimizer, resume = false } = options;
  return {
    async *begin(first) {
      if (!resume) await requireNoRun(store);
      const resumed = resume ? await resumeRun(store, options, first) : undefined;
      if (resumed === undefined) {
        // So that a run stopped in its first epochs goes on from its own first weights, whatever the network holds by then.
        await store.write("checkpoint", first.epochs, await encodeCheckpoint(network, optimizer, first));
        return first;
      }
      const { state, place, changes } = resumed;
      yield { kind: "resumed", epoch: state.epochs, place };
      for (const message of changes) yield { kind: "warning", message };
      return state;
    },
    epoch: ({ kind: _, ...figures }) => store.appendMetrics(JSON.stringify(figures)),
    best: async (state) => store.write("best", state.epochs, await encodeCheckpoint(network, optimizer, state)),
    async *checkpoint(state) {
      await store.write("checkpoint", state.epochs, await encodeCheckpoint(network, optimizer, state));
      await store.prune(bestEpochs(state));
      yield { kind: "checkpoint", epoch: state.epochs - 1, place: store.placeOf("checkpoint", state.epochs) };
    },
    bestPlace(state) {
      const epochs = bestEpochs(state);
      return epochs === undefined ? undefined : store.placeOf("best", epochs);
    },
  };
}
