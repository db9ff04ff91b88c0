import type { CheckpointState } from "../store/checkpoint-state";

/** Whether the best epoch lies so many epochs back that the training is to end: early stopping. */
export function outOfPatience({ epochs, best }: CheckpointState, patience: number | undefined): boolean {
  return patience !== undefined && best !== null && epochs - 1 - best.epoch >= patience;
}
