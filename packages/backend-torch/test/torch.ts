import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, beforeEach } from "vitest";
import "../src";
import type { TorchBackend } from "../src";
import { loadAddon } from "../src/native";

/** Why this machine cannot run the backend; undefined where it can. */
export function obstacle(): string | undefined {
  try {
    loadAddon();
    return undefined;
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}

/** Runs a file's tests on torch, or skips them with the reason. */
export function onTorch(): void {
  const reason = obstacle();
  beforeAll(async () => {
    if (reason === undefined) await tf.setBackend("torch");
  });
  beforeEach((context) => {
    if (reason !== undefined) context.skip(reason);
  });
}

export function torch(): TorchBackend {
  return tf.findBackend("torch") as unknown as TorchBackend;
}

/** What a computation yields on a backend: the outputs' types, shapes and values, or that it throws. */
export interface Outcome {
  readonly threw: boolean;
  readonly tensors: readonly { dtype: string; shape: readonly number[]; values: number[] }[];
}

/** Runs a computation of new tensors on a backend, and leaves torch the current one. */
export async function outcomeOn(backend: "cpu" | "torch", compute: () => tf.Tensor | tf.Tensor[]): Promise<Outcome> {
  await tf.setBackend(backend);
  try {
    return tf.tidy(() => {
      const tensors = [compute()].flat();
      return {
        threw: false,
        tensors: tensors.map((t) => ({ dtype: t.dtype, shape: t.shape, values: Array.from(t.dataSync()) })),
      };
    }) as unknown as Outcome;
  } catch {
    return { threw: true, tensors: [] };
  } finally {
    await tf.setBackend("torch");
  }
}
