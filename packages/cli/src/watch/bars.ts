/** A range of values. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

const eighths = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/** How large a curve is, in characters, and how many values it will have once it is whole. */
export interface BarsSize {
  readonly width: number;
  readonly height: number;
  readonly total: number;
}

/**
 * A curve as columns of blocks, lines from the top down. All values that there will be share the width evenly; where they
 * are more than it has characters, a column is a mean. The lowest value of the range still shows; one that is not finite
 * leaves a gap.
 */
export function bars(
  values: readonly number[],
  { width, height, total }: BarsSize,
  { low, high }: Range,
): readonly string[] {
  const known = Math.min(width, Math.floor((values.length * width) / total));
  const columns = Array.from({ length: known }, (_, i) => {
    const first = Math.floor((i * total) / width);
    return meanOf(values.slice(first, Math.max(first + 1, Math.floor(((i + 1) * total) / width))));
  });
  const levels = columns.map((value) => {
    if (!Number.isFinite(value)) return 0;
    const share = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5;
    return 1 + Math.round(share * (8 * height - 1));
  });
  return Array.from({ length: height }, (_, line) => {
    const below = 8 * (height - 1 - line);
    return levels.map((level) => eighths[Math.min(8, Math.max(0, level - below))]).join("");
  });
}

/** The range of the finite values; undefined where there is none. */
export function rangeOf(values: readonly number[]): Range | undefined {
  const finite = values.filter(Number.isFinite);
  return finite.length === 0 ? undefined : { low: Math.min(...finite), high: Math.max(...finite) };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}
