import { torchDevice, type TorchBackend } from "@awp/backend-torch";
import { random, useBackend } from "@awp/core";
import { disposeNetwork } from "@awp/models";
import * as tf from "@tensorflow/tfjs-core";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { namedNetwork } from "../pytorch/network";
import { stepOperations } from "./step-operations";

export interface OperationsReportOptions {
  readonly network: string;
  /** Where the counts are written, too. */
  readonly json: string | undefined;
}

/** Prints the operations of a recorded AT-AWP step by part; no GPU is needed, and none changes them. */
export async function reportOperations({ network: name, json }: OperationsReportOptions): Promise<void> {
  const network = namedNetwork(name, random(0));
  await useBackend("torch");
  const { parts, total, byOperator } = stepOperations(tf.findBackend("torch") as unknown as TorchBackend, network);
  disposeNetwork(network);
  process.stdout.write(`${line(["part", "operations", "times", "in a step"])}\n`);
  for (const { part, operations, times } of parts) {
    process.stdout.write(`${line([part, `${operations}`, `${times}`, `${operations * times}`])}\n`);
  }
  process.stdout.write(`${line(["step", "", "", `${total}`])}\n`);
  if (json === undefined) return;
  const versions = { torch: torchDevice().version, node: process.versions.node };
  const report = { date: new Date().toISOString().slice(0, 10), ...versions, network: name, parts, total, byOperator };
  writeFileSync(resolve(process.env["INIT_CWD"] ?? ".", json), `${JSON.stringify(report, undefined, 2)}\n`);
}

function line(texts: readonly string[]): string {
  return texts.map((text, column) => (column === 0 ? text.padEnd(30) : text.padStart(12))).join("");
}
