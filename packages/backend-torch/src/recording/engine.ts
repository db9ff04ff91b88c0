import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import type { Calls } from "../calls";
import type { Addon } from "../native";
import type { DataStore } from "./data-store";
import type { Recorder } from "./recorder";

/** What a step is made of: new tensors from the inputs; the same operations at every call. */
export type StepFunction = (inputs: readonly Tensor[]) => Tensor[];

export type StepRecorder = Recorder<Variable>;

export interface RecordingEngine {
  readonly backend: DataStore & { recorder: StepRecorder | undefined };
  readonly addon: Addon;
  readonly calls: Calls;
}
