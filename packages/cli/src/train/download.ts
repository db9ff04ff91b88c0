import { downloadCifar10, downloadCifar100 } from "@awp/data/node";
import type { Progress } from "../terminal/progress";
import type { TrainConfig } from "./config/schema";

/** Fetches CIFAR into its folder, unless it is there, or as much of it as has come once the signal is aborted. */
export async function download({ data }: TrainConfig, progress: Progress, signal: AbortSignal): Promise<void> {
  if (data.name === "synthetic" || data.name === "svhn") return;
  const { directory } = data;
  const fetched = data.name === "cifar10" ? downloadCifar10 : downloadCifar100;
  const task = progress.task(data.name);
  let tenths = 0;
  try {
    for await (const event of fetched({ directory, signal })) {
      if (event.kind !== "fetch") {
        task.note(event.kind === "verify" ? "checking" : "unpacking");
        continue;
      }
      const share = event.total ? event.bytes / event.total : 0;
      const megabytes = `${(event.bytes / 1e6).toFixed(0)} MB${event.total ? ` of ${(event.total / 1e6).toFixed(0)}` : ""}`;
      task.update(share, megabytes);
      if (Math.floor(10 * share) > tenths) task.note(megabytes);
      tenths = Math.floor(10 * share);
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
  }
}
