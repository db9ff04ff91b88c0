/* A thread of `rankThreads`: runs one task after the other. */
import "@tensorflow/tfjs-backend-cpu";
import { pathToFileURL } from "node:url";
import { parentPort } from "node:worker_threads";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers"; // registers the gradients
import { type Failure, rankGroup, type Task, type Told } from "./rank-group";

await tf.setBackend("cpu");

async function done({ rank, room, module, task, argument }: Task): Promise<Told> {
  const group = rankGroup(room, rank);
  const before = tf.memory().numTensors;
  try {
    const found = (await import(pathToFileURL(module).href)) as Record<string, (...given: unknown[]) => unknown>;
    const value = await found[task]?.(group, argument);
    const left = tf.memory().numTensors - before;
    if (left !== 0) throw new Error(`${task} leaves ${left} tensors on rank ${rank}`);
    return { value };
  } catch (error) {
    group.leave();
    return { failure: failureOf(error) };
  }
}

async function answer(task: Task): Promise<void> {
  const told = await done(task);
  try {
    parentPort?.postMessage(told);
  } catch (error) {
    parentPort?.postMessage({ failure: failureOf(error) } satisfies Told);
  }
}

function failureOf(error: unknown): Failure {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { name, message, stack };
}

parentPort?.on("message", (task: Task) => void answer(task));
