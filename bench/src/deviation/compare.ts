import { AwpError, type BackendName, useBackend } from "@awp/core";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type DeviationCase, initialWeights, type Outcome, outcomeOf } from "./outcome";
import { type Precision, precisions, toleranceOf } from "./tolerance";

export interface DeviationOptions {
  readonly backend: string;
  /** The type that the backend's convolutions compute in: what is tolerated depends on it. */
  readonly precision: string;
  /** Where the rows are written, too. */
  readonly json: string | undefined;
}

interface Row {
  readonly network: string;
  readonly batch: number;
  readonly figure: string;
  /** ‖x − reference‖ / ‖reference‖ */
  readonly deviation: number;
  readonly tolerance: number;
}

/** Plain JavaScript is the reference and slow: half a gigaflop a second. */
const reference = "cpu";
const cases: readonly DeviationCase[] = [
  { network: "wrn-10-1", batch: 4, step: true },
  { network: "wrn-16-2", batch: 2, step: false },
];

/** Compares what a backend computes with tfjs's plain JavaScript; whether all is within tolerance. */
export async function compareWithReference({ backend, precision: named, json }: DeviationOptions): Promise<boolean> {
  const precision = precisions.find((one): one is Precision => one === named);
  if (precision === undefined) throw new AwpError(`--precision: got ${named}, wanted one of ${precisions.join(", ")}`);

  await useBackend(reference);
  const expected = [];
  for (const one of cases) {
    const weights = await initialWeights(one);
    expected.push({ weights, outcome: await outcomeOf(one, weights) });
  }
  const { device } = await useBackend(backend as BackendName);
  process.stdout.write(`${backend} on ${device} against ${reference}, relative, ${precision}\n`);
  const rows: Row[] = [];
  for (const [index, one] of cases.entries()) {
    const { weights, outcome } = expected[index]!;
    for (const { figure, deviation } of deviations(await outcomeOf(one, weights), outcome)) {
      const { network, batch } = one;
      const row = { network, batch, figure, deviation, tolerance: toleranceOf(figure, precision) };
      rows.push(row);
      process.stdout.write(`${line(row)}\n`);
    }
  }
  if (json !== undefined) {
    const report = { backend, device, reference, precision, rows };
    writeFileSync(resolve(process.env["INIT_CWD"] ?? ".", json), `${JSON.stringify(report, undefined, 2)}\n`);
  }
  return rows.every(isWithin);
}

/** One for each figure; of the parameters' gradients the worst. */
function deviations(actual: Outcome, expected: Outcome): { figure: string; deviation: number }[] {
  const all = [...expected].map(([figure, values]) => ({ figure, deviation: relative(actual.get(figure)!, values) }));
  const isGradient = ({ figure }: { figure: string }) => figure.startsWith("gradient of ");
  const gradients = all.filter(isGradient).sort((a, b) => b.deviation - a.deviation);
  return [...all.filter((one) => !isGradient(one)), ...gradients.slice(0, 1)];
}

function relative(actual: Float32Array, expected: Float32Array): number {
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return norm(actual.map((value, i) => value - expected[i]!)) / norm(expected);
}

/** A deviation that is not a number is beyond all tolerance. */
const isWithin = ({ deviation, tolerance }: Row): boolean => deviation <= tolerance;

function line(row: Row): string {
  const { network, batch, figure, deviation, tolerance } = row;
  const verdict = isWithin(row) ? "ok  " : "FAIL";
  return `${verdict}  ${network.padEnd(14)}  ${`${batch}`.padStart(3)}  ${figure.padEnd(44)}  ${deviation.toExponential(1)}, tolerance ${tolerance.toExponential(0)}`;
}
