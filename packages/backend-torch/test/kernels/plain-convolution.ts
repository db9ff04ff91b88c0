/** A 3 × 3 convolution with a border of one zero. */
export interface Sizes {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly inputs: number;
  readonly outputs: number;
}

type Values = ArrayLike<number>;

/** The output, [batch, height, width, outputs], summed in double. */
export function forward(sizes: Sizes, x: Values, filter: Values): Float64Array {
  const y = new Float64Array(sizes.batch * sizes.height * sizes.width * sizes.outputs);
  eachProduct(sizes, (xAt, filterAt, yAt) => (y[yAt]! += x[xAt]! * filter[filterAt]!));
  return y;
}

/** The gradient of the image, [batch, height, width, inputs], summed in double. */
export function inputGradient(sizes: Sizes, dy: Values, filter: Values): Float64Array {
  const dx = new Float64Array(sizes.batch * sizes.height * sizes.width * sizes.inputs);
  eachProduct(sizes, (xAt, filterAt, yAt) => (dx[xAt]! += dy[yAt]! * filter[filterAt]!));
  return dx;
}

/** The gradient of the filter, [3, 3, inputs, outputs], summed in double. */
export function filterGradient(sizes: Sizes, x: Values, dy: Values): Float64Array {
  const gradient = new Float64Array(9 * sizes.inputs * sizes.outputs);
  eachProduct(sizes, (xAt, filterAt, yAt) => (gradient[filterAt]! += x[xAt]! * dy[yAt]!));
  return gradient;
}

/** Where the factors and the sum of each product lie in the image, the filter and the output. */
function eachProduct(sizes: Sizes, product: (x: number, filter: number, y: number) => void): void {
  const { batch, height, width, inputs, outputs } = sizes;
  for (let pixel = 0; pixel < batch * height * width; pixel++) {
    const [row, column] = [Math.floor(pixel / width) % height, pixel % width];
    for (let tap = 0; tap < 9; tap++) {
      const [down, across] = [Math.floor(tap / 3) - 1, (tap % 3) - 1];
      if (row + down < 0 || row + down >= height || column + across < 0 || column + across >= width) continue;
      const x = (pixel + down * width + across) * inputs;
      for (let input = 0; input < inputs; input++) {
        const filter = (tap * inputs + input) * outputs;
        for (let output = 0; output < outputs; output++) product(x + input, filter + output, pixel * outputs + output);
      }
    }
  }
}
