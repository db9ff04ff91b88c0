import * as tf from "@tensorflow/tfjs-core";
import { asMended, isMended } from "./mended";
import type { KernelCall } from "./wasm-fallback";

/*
 * The gradients of resizing. Those of TensorFlow.js's cpu backend fail for images that are not square (bilinear) and
 * mix up the images of a batch (nearest neighbour); on cpu and wasm none knows half pixel centres.
 */

interface Options {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Along an axis, the one or two source pixels of each resized one, with their shares. */
type Sources = readonly (readonly { readonly pixel: number; readonly share: number }[])[];
type Axis = (resized: number, source: number, options: Options) => Sources;

const bilinear: Axis = (resized, source, options) =>
  positions(resized, source, options, options.halfPixelCenters ? 0.5 : 0).map((position) => {
    const low = Math.max(0, Math.floor(position));
    const high = Math.min(source - 1, Math.ceil(position));
    if (low === high) return [{ pixel: low, share: 1 }];
    return [
      { pixel: low, share: 1 - (position - low) },
      { pixel: high, share: position - low },
    ];
  });

const nearest: Axis = (resized, source, options) =>
  positions(resized, source, options, 0).map((position) => {
    const pixel = options.alignCorners ? Math.round(position) : Math.floor(position);
    return [{ pixel: Math.min(source - 1, pixel), share: 1 }];
  });

/** Where the pixels of the resized axis lie on the source's. */
function positions(
  resized: number,
  source: number,
  { alignCorners, halfPixelCenters }: Options,
  shift: number,
): number[] {
  const scale = alignCorners && resized > 1 ? (source - 1) / (resized - 1) : source / resized;
  const centre = halfPixelCenters ? 0.5 : 0;
  return Array.from({ length: resized }, (_, i) => scale * (i + centre) - shift);
}

const axes: Readonly<Record<string, Axis>> = { ResizeBilinearGrad: bilinear, ResizeNearestNeighborGrad: nearest };

/** Gives a backend, cpu or wasm, right gradients of resizing, where it has any; once. */
export function mendResizeGradients(backendName: "cpu" | "wasm"): void {
  for (const [kernelName, axis] of Object.entries(axes)) {
    const kernel = tf.getKernel(kernelName, backendName);
    if (kernel === undefined || isMended(kernel)) continue;
    // wasm's own of the bilinear one is right and fast but for half pixel centres.
    const own = backendName === "wasm" && axis === bilinear;
    const kernelFunc: tf.KernelFunc = (call) =>
      own && call.attrs?.["halfPixelCenters"] !== true ? kernel.kernelFunc(call) : run(axis, call);
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel(asMended({ ...kernel, kernelFunc }));
  }
}

function run(axis: Axis, { inputs, attrs, backend }: KernelCall): tf.TensorInfo {
  const { dy, images } = inputs as Record<"dy" | "images", tf.TensorInfo>;
  const memory = backend as Pick<tf.KernelBackend, "readSync" | "write">;
  const [, resizedHeight, resizedWidth] = dy.shape as [number, number, number, number];
  const [batch, height, width, channels] = images.shape as [number, number, number, number];
  const rows = axis(resizedHeight, height, attrs as unknown as Options);
  const columns = axis(resizedWidth, width, attrs as unknown as Options);
  const from = memory.readSync(dy.dataId) as Float32Array;
  const to = new Float32Array(batch * height * width * channels);
  let offset = 0;
  for (let image = 0; image < batch; image++) {
    for (const row of rows) {
      for (const column of columns) {
        for (const { pixel: y, share: down } of row) {
          for (const { pixel: x, share: across } of column) {
            add(from, offset, to, ((image * height + y) * width + x) * channels, channels, down * across);
          }
        }
        offset += channels;
      }
    }
  }
  return { dataId: memory.write(to, images.shape, "float32"), shape: images.shape, dtype: "float32" };
}

function add(from: Float32Array, offset: number, to: Float32Array, at: number, count: number, share: number): void {
  for (let i = 0; i < count; i++) to[at + i] = (to[at + i] as number) + share * (from[offset + i] as number);
}
