import type { CheckpointEvent, EpochEvent, Pause, ResumedEvent, WarningEvent } from "./training-event";
import type { Evaluated } from "../average/weight-average";
import { decodeCheckpoint, encodeCheckpoint, restoreCheckpoint } from "../store/checkpoint";
import { type CheckpointState, positionOf } from "../store/checkpoint-state";
import { comparePositions, type Position } from "../store/position";
import { bestPosition, goBack, neededBy, requireNoRun, type ResumeOptions, resumeRun } from "../store/resume";
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
  /** Stores the state, wherever in an epoch it is. */
  pause(state: CheckpointState): Promise<Pause>;
  /** The state after the newest checkpoint between two epochs, and its weights; what came after it is forgotten. */
  back(): Promise<CheckpointState>;
  /** Names the place of the best epoch, if there is one and it is stored. */
  bestPlace(state: CheckpointState): string | undefined;
}

export interface RunRecordOptions extends ResumeOptions {
  readonly store?: RunStore;
  readonly resume?: boolean;
  /** Whether there may be a rollback. */
  readonly rollback?: unknown;
  readonly evaluated?: Evaluated;
}

export function runRecord({ store, ...options }: RunRecordOptions): RunRecord {
  return store === undefined ? unrecorded(options) : storedRecord(store, options);
}

/** The record of a training that stores nothing; its weights are read back only for a rollback. */
function unrecorded(options: Omit<RunRecordOptions, "store">): RunRecord {
  let files: ReadonlyMap<string, Uint8Array> = new Map();
  const keep = async (state: CheckpointState): Promise<void> => {
    if (options.rollback !== undefined) files = await encodeCheckpoint(options, state);
  };
  return {
    // eslint-disable-next-line require-yield -- nothing is resumed
    async *begin(first) {
      await keep(first);
      return first;
    },
    epoch: () => Promise.resolve(),
    best: () => Promise.resolve(),
    // eslint-disable-next-line require-yield -- it has no place
    async *checkpoint(state) {
      await keep(state);
    },
    pause: (state) => Promise.resolve(pauseAt(state, undefined)),
    back() {
      const checkpoint = decodeCheckpoint(files, "memory");
      restoreCheckpoint(checkpoint, options);
      return Promise.resolve(checkpoint.state);
    },
    bestPlace: () => undefined,
  };
}

function storedRecord(store: RunStore, options: Omit<RunRecordOptions, "store">): RunRecord {
  const { resume = false, average, evaluated = "average" } = options;
  const judged = average && evaluated === "average" ? average.weights : options.network;
  let newest: Position | undefined;
  let back = 0;

  /** Stores a checkpoint, unless it is the one that the training began with. */
  async function write(state: CheckpointState): Promise<string> {
    const position = positionOf(state);
    if (newest === undefined || comparePositions(newest, position) !== 0) {
      await store.write("checkpoint", position, await encodeCheckpoint(options, state));
      newest = position;
    }
    return store.placeOf("checkpoint", position);
  }

  return {
    async *begin(first) {
      if (!resume) await requireNoRun(store);
      const resumed = resume ? await resumeRun(store, options, first) : undefined;
      if (resumed === undefined) {
        // So that a run stopped in its first epochs goes on from its own first weights, whatever the network holds by then.
        await write(first);
        return first;
      }
      const { state, place, changes } = resumed;
      newest = positionOf(state);
      back = state.back;
      yield { kind: "resumed", epoch: state.epochs, step: state.within.step, place };
      for (const message of changes) yield { kind: "warning", message };
      return state;
    },
    epoch: ({ kind: _, ...figures }) => store.appendMetrics(JSON.stringify(figures)),
    async best(state) {
      const { optimizer } = options;
      await store.write("best", positionOf(state), await encodeCheckpoint({ network: judged, optimizer }, state));
    },
    async *checkpoint(state) {
      const place = await write(state);
      back = state.back;
      await store.prune(neededBy(state));
      yield { kind: "checkpoint", epoch: state.epochs - 1, place };
    },
    async pause(state) {
      const place = await write(state);
      await store.prune(neededBy(state));
      return pauseAt(state, place);
    },
    async back() {
      newest = { epochs: back, step: 0 };
      return goBack(store, options, newest);
    },
    bestPlace(state) {
      const best = bestPosition(state);
      return best === undefined ? undefined : store.placeOf("best", best);
    },
  };
}

function pauseAt({ epochs, within }: CheckpointState, place: string | undefined): Pause {
  return { epoch: epochs, step: within.step, place };
}
