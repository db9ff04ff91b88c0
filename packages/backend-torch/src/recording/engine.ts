import type { TorchBackend } from "../backend";
import type { Calls } from "../calls";
import type { Addon } from "../native";
import type { Homes } from "./homes";

/** What recording needs of the backend. */
export interface RecordingEngine {
  readonly backend: TorchBackend;
  readonly addon: Addon;
  readonly calls: Calls;
  readonly homes: Homes;
}
