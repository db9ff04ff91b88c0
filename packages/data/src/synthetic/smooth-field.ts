/**
 * A stationary random field on a line of pixels: independent nodes of unit variance, joined by cubic B-splines, scaled
 * to unit variance at every pixel. Applied to rows and columns it gives a field on an image.
 */
export interface FieldBasis {
  readonly pixels: number;
  readonly nodes: number;
  /** `[pixels, nodes]`; every row has Euclidean norm 1. */
  readonly weights: Float32Array;
}

/** The basis for `pixels` pixels with a node every `spacing` pixels. */
export function fieldBasis(pixels: number, spacing: number): FieldBasis {
  const nodes = Math.ceil((pixels - 1) / spacing) + 3; // a spline reaches two nodes to either side
  const weights = new Float32Array(pixels * nodes);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const row = Array.from({ length: nodes }, (_, node) => cubicSpline(pixel / spacing - (node - 1)));
    const norm = Math.sqrt(row.reduce((sum, weight) => sum + weight * weight, 0));
    weights.set(
      row.map((weight) => weight / norm),
      pixel * nodes,
    );
  }
  return { pixels, nodes, weights };
}

/** The cubic B-spline, supported on [−2, 2], times 6. */
function cubicSpline(at: number): number {
  const t = Math.abs(at);
  if (t >= 2) return 0;
  return t >= 1 ? (2 - t) * (2 - t) * (2 - t) : 4 - 6 * t * t + 3 * t * t * t;
}

/** The number of nodes that {@link smoothField} takes. */
export function nodeCount({ nodes }: FieldBasis, channels: number): number {
  return nodes * nodes * channels;
}

/** The field `[pixels, pixels, channels]` of nodes drawn uniformly from [0, 1): mean 0, variance 1 at every pixel. */
export function smoothField(
  { pixels, nodes, weights }: FieldBasis,
  uniforms: Float32Array,
  channels: number,
): Float32Array {
  const wide = new Float32Array(nodes * pixels * channels); // [nodes, pixels, channels]
  const unitVariance = Math.sqrt(12);
  for (let row = 0; row < nodes; row++) {
    for (let column = 0; column < nodes; column++) {
      for (let pixel = 0; pixel < pixels; pixel++) {
        const weight = (weights[pixel * nodes + column] as number) * unitVariance;
        if (weight === 0) continue;
        const from = (row * nodes + column) * channels;
        const to = (row * pixels + pixel) * channels;
        for (let channel = 0; channel < channels; channel++) {
          wide[to + channel] = (wide[to + channel] as number) + weight * ((uniforms[from + channel] as number) - 0.5);
        }
      }
    }
  }
  const stride = pixels * channels;
  const field = new Float32Array(pixels * stride);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let row = 0; row < nodes; row++) {
      const weight = weights[pixel * nodes + row] as number;
      if (weight === 0) continue;
      for (let i = 0; i < stride; i++) {
        field[pixel * stride + i] = (field[pixel * stride + i] as number) + weight * (wide[row * stride + i] as number);
      }
    }
  }
  return field;
}
