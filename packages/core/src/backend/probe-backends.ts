import * as tf from "@tensorflow/tfjs-core";
import { type BackendName, backendNames, useBackend } from "./use-backend";

/** How a backend fares on this machine. */
export type BackendStatus =
  | { readonly name: BackendName; readonly loads: true /** What it runs on, in words. */; readonly device: string }
  | { readonly name: BackendName; readonly loads: false /** Why not, and what to do. */; readonly reason: string };

/**
 * The status of every backend, in the order of the names: tries to load each, and never throws. The current backend is
 * the one that it was.
 *
 * Loading is for good: a process that only wants to compute asks {@link useBackend} instead.
 *
 * @example
 * for (const status of await probeBackends()) console.log(status.name, status.loads ? status.device : status.reason);
 */
export async function probeBackends(): Promise<readonly BackendStatus[]> {
  const before = tf.engine().backendName;
  const statuses: BackendStatus[] = [];
  for (const name of backendNames) statuses.push(await statusOf(name));
  if (before) await tf.setBackend(before);
  return statuses;
}

async function statusOf(name: BackendName): Promise<BackendStatus> {
  try {
    return { name, loads: true, device: (await useBackend(name)).device };
  } catch (error) {
    return { name, loads: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
