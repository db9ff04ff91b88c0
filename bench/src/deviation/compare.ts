import { AwpError, type BackendName, useBackend } from "@awp/core";
import { oneOf } from "../one-of";
import { writeReport } from "../write-report";
import { callsOf, type DeviationCase, initialWeights, type Outcome, outcomeOf, type Weights } from "./outcome";
import { type Precision, precisions, toleranceOf } from "./tolerance";

export interface DeviationOptions {
  readonly backend: string;
  /** What the backend's convolutions compute in, and what is tolerated with it. */
  readonly precision: string;
  /** Whether calls of a compiled step are compared, and not single figures. */
  readonly compiled: boolean;
  /** What compiled calls are compared with. @default all */
  readonly references: readonly string[] | undefined;
  /** Where the rows are written, too, after each network. */
  readonly json: string | undefined;
}

interface Row {
  readonly reference: Reference;
  readonly network: string;
  readonly batch: number;
  readonly figure: string;
  /** ‖x − reference‖ / ‖reference‖ */
  readonly deviation: number;
  readonly tolerance: number;
}

/** What is computed on the backend, and again on another one or in another way. */
interface Question {
  readonly reference: Reference;
  readonly case: DeviationCase;
  readonly actual: (one: DeviationCase, weights: Weights) => Promise<Outcome>;
  readonly expected: (one: DeviationCase, weights: Weights) => Promise<Outcome>;
}

/** The same calls as they are on the same device, or plain JavaScript, which is slow: half a gigaflop a second. */
const references = ["eager", "cpu"] as const;

type Reference = (typeof references)[number];

const cases: readonly DeviationCase[] = [
  { network: "wrn-10-1", batch: 4, step: true },
  { network: "wrn-16-2", batch: 2, step: false },
];
const compiledCase: DeviationCase = { network: "wrn-10-1", batch: 2, step: true };

/** Compares what a backend computes with a reference; whether all is within tolerance. */
export async function compareWithReference(options: DeviationOptions): Promise<boolean> {
  const { backend, compiled, json } = options;
  const precision = oneOf("--precision", precisions, options.precision);
  const wanted = (options.references ?? references).map((name) => oneOf("--reference", references, name));
  if (!compiled && options.references !== undefined) throw new AwpError("--reference: wants --compiled");
  const questions: Question[] = compiled
    ? wanted.map((reference) => ({ reference, case: compiledCase, actual: recordedCalls, expected: eagerCalls }))
    : cases.map((one) => ({ reference: "cpu", case: one, actual: outcomeOf, expected: outcomeOf }));

  const rows: Row[] = [];
  for (const { reference, case: one, actual, expected } of questions) {
    await useBackend("cpu");
    const weights = await initialWeights(one);
    const plain = reference === "cpu" ? await expected(one, weights) : undefined;
    const { device } = await useBackend(backend as BackendName);
    if (backend === "torch") await setPrecision(precision);
    const right = plain ?? (await expected(one, weights));
    process.stdout.write(`${backend} on ${device} against ${reference}, relative, ${precision}\n`);
    const { network, batch } = one;
    for (const { figure, deviation } of deviations(await actual(one, weights), right)) {
      const row: Row = { reference, network, batch, figure, deviation, tolerance: toleranceOf(figure, precision) };
      rows.push(row);
      process.stdout.write(`${line(row)}\n`);
    }
    if (json !== undefined) writeReport(json, { backend, device, compiled, precision, rows });
  }
  return rows.every(isWithin);
}

const recordedCalls: Question["actual"] = (one, weights) => callsOf(one, weights, true);
const eagerCalls: Question["expected"] = (one, weights) => callsOf(one, weights, false);

/** Sets the precision by libtorch's own settings: $NVIDIA_TF32_OVERRIDE does not reach all of its libraries. */
async function setPrecision(precision: Precision): Promise<void> {
  const tf32 = precision === "tf32";
  const torch = await import("@awp/backend-torch");
  torch.setPrecision({
    tf32: { convolution: tf32, matmul: tf32 },
    storage: precision === "bfloat16" ? "bfloat16" : "float32",
  });
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
