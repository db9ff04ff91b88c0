import { join } from "node:path";
import { tensorBoardWriter, type TensorBoardWriter } from "@awp/report/node";
import type { TrainConfig } from "./config/schema";
import type { Onlooker } from "./onlooker";

/**
 * Writes TensorBoard's event files beside each training's metrics: the same figures, and at the end the accuracies, at the
 * number of the epoch, from 1. A training that goes on, or back, has a new file, which tells from which epoch on what the
 * others have is void.
 */
export function tensorBoardOf(
  run: string,
  { epochs, evaluation }: Pick<TrainConfig, "epochs" | "evaluation">,
): Onlooker {
  const writers = new Map<string, TensorBoardWriter>();
  const writerOf = (path: string): TensorBoardWriter => writers.get(path) ?? opened(path);
  const opened = (path: string, restartAt?: number): TensorBoardWriter => {
    const writer = tensorBoardWriter(join(run, path), restartAt === undefined ? {} : { restartAt });
    writers.set(path, writer);
    return writer;
  };
  return {
    show(path, event) {
      if (event.kind === "resumed") opened(path, event.epoch + 1);
      if (event.kind === "rollback") opened(path, event.to + 1);
      if (event.kind !== "epoch") return;
      const { epoch, loss, learningRate, seconds, metrics } = event;
      const validation = Object.entries(metrics).map(([name, value]) => [`validation/${name}`, value] as const);
      writerOf(path).scalars(epoch + 1, {
        "train/loss": loss,
        "train/learning rate": learningRate,
        "train/seconds": seconds,
        ...Object.fromEntries(validation),
      });
    },
    ended(path, outcome) {
      if (outcome.kind !== "done") return;
      const { train, test } = outcome.result;
      const pgd = `pgd-${evaluation.steps}`;
      writerOf(path).scalars(epochs, {
        "at the end/train natural": train.natural,
        [`at the end/train ${pgd}`]: train.pgd,
        "at the end/test natural": test.natural,
        "at the end/test fgsm": test.fgsm,
        [`at the end/test ${pgd}`]: test.pgd,
      });
    },
  };
}
