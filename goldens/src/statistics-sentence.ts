import { NotYet } from "./findings";

/** The forward pass in training mode that running statistics come from. */
export interface StatisticsPass {
  /** The number of images. */
  readonly count: number;
  /** Their seed. */
  readonly seed: number;
  /** The momentum of batch normalisation, in PyTorch's sense. */
  readonly momentum: number;
}

const wording = /one training-mode forward on images\((\d+),\s*seed\s*=?\s*(\d+)\).*?momentum\s*=?\s*([\d.]+)/i;

/**
 * Reads a golden file's field `bn`: the files tell in an English sentence, not in numbers, where their running
 * statistics come from, and are not to be changed.
 *
 * @throws NotYet for a sentence of another wording.
 */
export function statisticsPass(sentence: string): StatisticsPass {
  const numbers = wording.exec(sentence);
  if (numbers === null) throw new NotYet(`running statistics from: ${sentence}`);
  const [, count, seed, momentum] = numbers.map(Number) as [number, number, number, number];
  return { count, seed, momentum };
}
