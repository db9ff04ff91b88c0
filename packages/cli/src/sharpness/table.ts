import type { AttackSettings } from "../landscape/attack";
import { table } from "../terminal/table";
import type { Sharpness } from "./measure";

/** A network that was measured. */
export interface Measured extends Sharpness {
  readonly title: string;
  /** The epoch of a run's checkpoint; 0 of a file. */
  readonly epoch: number;
  readonly attack: AttackSettings | null;
  /** What is known of the training. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The figures as text, a row for each network; all of them have the same. */
export function sharpnessTable(measured: readonly Measured[]): string {
  const [first] = measured;
  if (first === undefined) return "";
  const header = [
    "network",
    "loss",
    ...first.worst.map(({ gamma }) => `worst at γ ${gamma}`),
    ...first.average.map(({ gamma }) => `average at γ ${gamma}`),
    ...(first.hessian?.eigenvalues ?? []).map((_, k) => `λ${k + 1}`),
    ...(first.trace === null ? [] : ["trace"]),
  ];
  const rows = measured.map(({ title, epoch, loss, worst, average, hessian, trace }) => [
    epoch > 0 ? `${title}, epoch ${epoch}` : title,
    loss.toFixed(4),
    ...worst.map(({ sharpness }) => signed(sharpness)),
    ...average.map(({ sharpness, deviation }) => `${signed(sharpness)} ± ${deviation.toFixed(4)}`),
    ...(hessian?.eigenvalues ?? []).map((value) => `${short(value)}${hessian?.converged === true ? "" : "?"}`),
    ...(trace === null ? [] : [`${short(trace.trace)} ± ${short(trace.standardError)}`]),
  ]);
  return table([header, ...rows]);
}

const short = (value: number): string => `${Number(value.toPrecision(4))}`;
const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`;
