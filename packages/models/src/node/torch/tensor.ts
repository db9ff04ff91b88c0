import type { StoredTensor, StoredType } from "@awp/core";
import { described, type Fail, type PickleContext, PickleObject, type PickleValue } from "@awp/core/node";
import { elements, viewed } from "./elements";

/** Memory of PyTorch's that lies in the file beside the pickle, under a key. */
export class TorchStorage extends PickleObject {
  readonly key: string;
  /** What its elements are; undefined for bytes whose tensors say it. */
  readonly type: StoredType | undefined;
  /** How many bytes it has. */
  readonly length: number;
  /** The byte of the storage under the key, of which it may be a part, where it begins. */
  readonly start: number;

  constructor(key: string, type: StoredType | undefined, length: number, start = 0) {
    super();
    this.key = key;
    this.type = type;
    this.length = length;
    this.start = start;
  }

  /** Bytes of an element. */
  get width(): number {
    return this.type === undefined ? 1 : elements[this.type].width;
  }

  override build(_: PickleValue, { fail }: PickleContext): void {
    fail("refused to set the state of a storage");
  }
}

/** A tensor of PyTorch's: a strided view of a storage, which is checked to lie inside of it. */
export class TorchTensor extends PickleObject {
  readonly storage: TorchStorage;
  readonly type: StoredType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** The element of the storage under the key where it begins. */
  readonly offset: number;
  readonly count: number;

  constructor(storage: TorchStorage, type: StoredType, view: Place, fail: Fail) {
    super();
    const { shape, strides, offset } = view;
    const { width } = elements[type];
    this.storage = storage;
    this.type = type;
    this.shape = shape;
    this.strides = strides;
    this.offset = storage.start / width + offset;
    this.count = shape.reduce((product, size) => product * size, 1);
    const last = shape.reduce((at, size, axis) => at + (size - 1) * (strides[axis] as number), offset);
    const bytes = this.count === 0 ? 0 : (last + 1) * width;
    if (!(bytes <= storage.length && Number.isSafeInteger(this.count) && Number.isInteger(this.offset))) {
      const given = `a tensor of shape [${shape.join(", ")}] with strides [${strides.join(", ")}] from element ${offset} on`;
      fail(`damaged: ${given} reaches out of its storage of ${storage.length} bytes`);
    }
  }

  /** Attributes that Python code has given it are left out. */
  override build(): void {}
}

interface Place {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** The most axes that a tensor has in PyTorch. */
const mostAxes = 64;

/** What Python's values say of a tensor's place in its storage. */
export function placeOf(
  offset: unknown,
  shape: PickleValue | undefined,
  strides: PickleValue | undefined,
  fail: Fail,
): Place {
  const sizes = (value: PickleValue | undefined, what: string): readonly number[] => {
    const wanted = Array.isArray(value) && value.length <= mostAxes && value.every(isSize);
    return wanted ? (value as number[]) : fail(`damaged: a tensor with ${described(value)} as its ${what}`);
  };
  const place = { offset: offset as number, shape: sizes(shape, "shape"), strides: sizes(strides, "strides") };
  const axes = place.shape.length === place.strides.length;
  if (!isSize(offset) || !axes) fail("damaged: a tensor whose offset, shape and strides do not go together");
  return place;
}

export function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** How many bytes {@link storedTensor} takes beside the storage: none where the elements lie as they are wanted. */
export function copiedBytes(tensor: TorchTensor): number {
  return isContiguous(tensor) ? 0 : tensor.count * elements[tensor.type].width;
}

/** A tensor's values, row-major: a view of the bytes of the storage under its key where they lie so there, else a copy. */
export function storedTensor(tensor: TorchTensor, bytes: Uint8Array): StoredTensor {
  const { type, shape, offset, count } = tensor;
  const data = isContiguous(tensor)
    ? viewed(bytes, type, count === 0 ? 0 : offset, count)
    : gathered(tensor, viewed(bytes, type, 0, Math.floor(bytes.length / elements[type].width)));
  return { dtype: type, shape, data } as StoredTensor;
}

function isContiguous({ shape, strides, count }: TorchTensor): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    if (size !== 1 && strides[axis] !== step) return count === 0;
    step *= size;
  }
  return true;
}

/** The elements of a view of at least one axis and one element, in the order of its indices. */
function gathered({ type, shape, strides, offset, count }: TorchTensor, all: StoredTensor["data"]) {
  const out = viewed(new Uint8Array(count * elements[type].width), type, 0, count);
  // One loop for numbers and bigints: elements are moved, never looked at.
  const [from, to] = [all, out] as unknown as [number[], number[]];
  const inner = shape.length - 1;
  const [length, step] = [shape[inner] as number, strides[inner] as number];
  const index = shape.map(() => 0);
  let start = offset;
  for (let at = 0; at < count; ) {
    for (let i = 0; i < length; i++) to[at++] = from[start + i * step] as number;
    for (let axis = inner - 1; axis >= 0; axis--) {
      start += strides[axis] as number;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      start -= (strides[axis] as number) * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return out;
}
