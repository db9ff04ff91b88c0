import * as tf from "@tensorflow/tfjs-core";
import type { WasmMemory } from "./wasm-fallback";

/*
 * Pixels of images in the heap of the wasm backend, copied with all their channels at once: what the backend's own pads
 * and strided slices do value by value.
 */

type Shape4D = [number, number, number, number];

/** The pixels along an axis: the i-th of `count` goes from `from + i · fromStep` to `to + i · toStep`, inside both images. */
export interface Line {
  readonly count: number;
  readonly from: number;
  readonly fromStep: number;
  readonly to: number;
  readonly toStep: number;
}

/** Images in the heap: `start` and `pitch`, from one pixel to the next, in numbers of four bytes. */
interface Grid {
  readonly start: number;
  readonly height: number;
  readonly width: number;
  readonly pitch: number;
}

/** New images of a shape, zero but for the pixels of `source` that are copied to them, image by image. */
export function copied(source: tf.Tensor4D, shape: Shape4D, rows: Line, columns: Line): tf.Tensor4D {
  const [images, height, width, channels] = shape;
  return drawn(source, shape, (heap, from, to) => {
    for (let image = 0; image < images; image++) {
      const [fromImage, toImage] = [image * source.shape[1] * source.shape[2], image * height * width];
      copyPixels(
        heap,
        channels,
        { start: from + fromImage * channels, height: source.shape[1], width: source.shape[2], pitch: channels },
        { start: to + toImage * channels, height, width, pitch: channels },
        rows,
        columns,
      );
    }
  });
}

/** A new tensor of zeros whose numbers `draw` copies in the heap; it gets the two tensors' places there. */
export function drawn(
  source: tf.Tensor4D,
  shape: Shape4D,
  draw: (heap: Float32Array, from: number, to: number) => void,
): tf.Tensor4D {
  return computed(shape, [source], (output, input) => {
    draw(new Float32Array(output.buffer), input.byteOffset / 4, output.byteOffset / 4);
  });
}

/** A new tensor of zeros that `compute` fills, in the heap as the inputs are. */
export function computed(
  shape: Shape4D,
  inputs: readonly tf.Tensor4D[],
  compute: (output: Float32Array, ...inputs: [Float32Array, Float32Array, Float32Array]) => void,
): tf.Tensor4D {
  const wasm = tf.backend() as unknown as WasmMemory;
  const info = wasm.makeOutput(shape, "float32");
  // After the output is made, which may move the heap.
  const [output, ...values] = [info, ...inputs].map((each) => wasm.typedArrayFromHeap(each) as Float32Array);
  compute((output as Float32Array).fill(0), ...(values as [Float32Array, Float32Array, Float32Array]));
  return tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor4D;
}

/** Copies the pixels of one image, `channels` numbers each. */
export function copyPixels(
  heap: Float32Array,
  channels: number,
  source: Grid,
  target: Grid,
  rows: Line,
  columns: Line,
): void {
  const [firstRow, endRow] = inside(rows, source.height, target.height);
  const [firstColumn, endColumn] = inside(columns, source.width, target.width);
  if (endColumn <= firstColumn) return;
  const dense =
    columns.fromStep === 1 && columns.toStep === 1 && source.pitch === channels && target.pitch === channels;
  const length = dense ? (endColumn - firstColumn) * channels : channels;
  for (let i = firstRow; i < endRow; i++) {
    const fromRow = (rows.from + i * rows.fromStep) * source.width + columns.from;
    const toRow = (rows.to + i * rows.toStep) * target.width + columns.to;
    for (let j = firstColumn; j < (dense ? firstColumn + 1 : endColumn); j++) {
      const from = source.start + (fromRow + j * columns.fromStep) * source.pitch;
      heap.copyWithin(target.start + (toRow + j * columns.toStep) * target.pitch, from, from + length);
    }
  }
}

/** The part of a line, from the first to before the last, that lies inside a source and a target of these sizes. */
function inside({ count, from, fromStep, to, toStep }: Line, source: number, target: number): [number, number] {
  const first = Math.max(0, Math.ceil(-from / fromStep), Math.ceil(-to / toStep));
  return [first, Math.min(count, Math.ceil((source - from) / fromStep), Math.ceil((target - to) / toStep))];
}
