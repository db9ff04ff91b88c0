import * as tf from "@tensorflow/tfjs-core";

/** What TensorFlow.js gives pooling and its gradients. */
export interface PoolingAttributes {
  readonly filterSize: number | number[];
  readonly strides: number | number[];
  readonly pad: unknown;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Windows along one axis, with the padding before the first value. */
export interface PoolingAxis {
  readonly size: number;
  readonly outputs: number;
  readonly window: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
}

/**
 * The gradient of average pooling over images or volumes. At the padded borders the forward pass takes the mean of the
 * values inside, while the backends' kernels share dy out over whole windows: dy is enlarged there before.
 */
export const averagePoolGradient: tf.GradFunc = (dy, [x], attrs) => {
  const input = x as tf.Tensor;
  const attributes = attrs as unknown as PoolingAttributes;
  const axes = poolingAxes(input.shape, attributes);
  return {
    x: () =>
      tf.tidy(() => {
        // TensorFlow's own kernel knows how many values each window has.
        const enlarged = tf.getBackend() === "tensorflow" ? (dy as tf.Tensor) : perValueInside(dy as tf.Tensor, axes);
        const kernel = axes.length === 2 ? "AvgPoolGrad" : "AvgPool3DGrad";
        return tf.engine().runKernel(kernel, { dy: enlarged, input }, attributesFor(attributes, axes)) as tf.Tensor;
      }),
  };
};

/** The gradient of a maximum over windows of images, which TensorFlow.js takes without the rounding of the output's size. */
export const maxPoolGradient: tf.GradFunc = (dy, [x, y], attrs) => {
  const [input, output] = [x as tf.Tensor, y as tf.Tensor];
  const attributes = attrs as unknown as PoolingAttributes;
  const inputs = { dy: dy as tf.Tensor, input, output };
  const kernelAttributes = attributesFor(attributes, poolingAxes(input.shape, attributes));
  return { x: () => tf.engine().runKernel("MaxPoolGrad", inputs, kernelAttributes) as tf.Tensor };
};

/** The attributes for a kernel that knows no rounding: where the output's size is not rounded down, padding that gives it. */
function attributesFor(attributes: PoolingAttributes, axes: readonly PoolingAxis[]): tf.NamedAttrMap {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  if (dimRoundingMode === undefined || dimRoundingMode === "floor" || axes.length > 2) return attributes as never;
  const reaching = axes.map(({ size, outputs, window, stride, before, after }) => [
    before,
    Math.max(after, (outputs - 1) * stride + window - size - before),
  ]);
  return { filterSize, strides, pad: typeof pad === "string" ? pad : [[0, 0], ...reaching, [0, 0]] } as never;
}

/** dy times the size of each window over how many of its values lie inside the image. */
export function perValueInside(dy: tf.Tensor, axes: readonly PoolingAxis[]): tf.Tensor {
  const shares = axes.map(({ size, outputs, window, stride, before }) =>
    Array.from({ length: outputs }, (_, i) => {
      const start = i * stride - before;
      return window / (Math.min(size, start + window) - Math.max(0, start));
    }),
  );
  if (shares.flat().every((share) => share === 1)) return dy;
  const byPlace = shares
    .map((share, axis) => tf.reshape(tf.tensor1d(share), [1, ...axes.map((_, i) => (i === axis ? -1 : 1)), 1]))
    .reduce((product, share) => tf.mul(product, share));
  return tf.mul(dy, byPlace);
}

/** The windows along each axis of a pooling. */
export function poolingAxes(
  shape: number[],
  { filterSize, strides, pad, dimRoundingMode }: PoolingAttributes,
): PoolingAxis[] {
  if (shape.length === 4) {
    const info = tf.backend_util.computePool2DInfo(
      shape as never,
      filterSize as never,
      strides as never,
      1,
      pad as never,
      dimRoundingMode,
    );
    const { top, bottom, left, right } = info.padInfo;
    return [
      axis(info.inHeight, info.outHeight, info.filterHeight, info.strideHeight, top, bottom),
      axis(info.inWidth, info.outWidth, info.filterWidth, info.strideWidth, left, right),
    ];
  }
  const info = tf.backend_util.computePool3DInfo(
    shape as never,
    filterSize as never,
    strides as never,
    1,
    pad as never,
    dimRoundingMode,
  );
  const { front, back, top, bottom, left, right } = info.padInfo;
  return [
    axis(info.inDepth, info.outDepth, info.filterDepth, info.strideDepth, front, back),
    axis(info.inHeight, info.outHeight, info.filterHeight, info.strideHeight, top, bottom),
    axis(info.inWidth, info.outWidth, info.filterWidth, info.strideWidth, left, right),
  ];
}

function axis(
  size: number,
  outputs: number,
  window: number,
  stride: number,
  before: number,
  after: number,
): PoolingAxis {
  return { size, outputs, window, stride, before, after };
}
