/** An image of one channel on the host, row by row. */
export interface Pattern {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
}

/**
 * The pattern that Square puts into a window under ℓ2 and ℓ1: two bumps of opposite sign, one above the other, of norm
 * 1 in total. `order` is the norm's.
 */
export function twoBumps(side: number, order: 1 | 2): Pattern {
  const upper = Math.floor(side / 2);
  const values = new Float64Array(side * side);
  values.set(bump(upper, side, order));
  values.set(
    bump(side - upper, side, order).map((value) => -value),
    upper * side,
  );
  return { values: Float32Array.from(normalized(values, order)), height: side, width: side };
}

export function transposed({ values, height, width }: Pattern): Pattern {
  const turned = values.map((_, i) => values[(i % height) * width + Math.floor(i / height)] as number);
  return { values: turned, height: width, width: height };
}

/** Nested rectangles around the middle, each with its weight on top of the larger ones: 1/k² for ℓ2, 1/k⁴ for ℓ1. */
function bump(height: number, width: number, order: 1 | 2): Float64Array {
  const values = new Float64Array(height * width);
  const [top, left] = [Math.floor(height / 2), Math.floor(width / 2)];
  const rings = Math.max(top, left) + 1;
  for (let ring = 0; ring < rings; ring++) {
    const weight = (ring + 1) ** (-2 * (order === 2 ? 1 : 2));
    for (let row = Math.max(top - ring, 0); row < Math.min(top + ring + 1, height); row++) {
      for (let column = Math.max(left - ring, 0); column < Math.min(left + ring + 1, width); column++) {
        const at = row * width + column;
        values[at] = (values[at] as number) + weight;
      }
    }
  }
  return normalized(values, order);
}

function normalized(values: Float64Array, order: 1 | 2): Float64Array {
  const sum = values.reduce((total, value) => total + Math.abs(value) ** order, 0);
  return sum === 0 ? values : values.map((value) => value / sum ** (1 / order));
}
