import { described, type Fail, type PickleDict, type PickleValue } from "@awp/core/node";
import type { NumpyArray } from "./numpy/numpy-array";
import { pickledArray } from "./numpy/pickled-array";

/** Images of a file as it holds them, one after another, with a class for each. */
export interface LabelledPlanes {
  /** Bytes, `[count, channels, height, width]`. */
  readonly planes: Uint8Array;
  readonly labels: Int32Array;
}

/** The field `name` of a pickled dict. */
function field(value: PickleValue, name: string, fail: Fail): PickleValue {
  if (!(value instanceof Map)) return fail(`holds ${described(value)}, want a dict with ${JSON.stringify(name)}`);
  const found = value.get(name);
  return found ?? fail(`has no ${JSON.stringify(name)}, but ${namesOf(value)}`);
}

/** The array in the field `name` of a pickled dict. */
export function arrayField(value: PickleValue, name: string, fail: Fail): NumpyArray {
  const found = field(value, name, fail);
  return pickledArray(found) ?? fail(`${JSON.stringify(name)} is ${described(found)}, want an array`);
}

/** The integers in the field `name` of a pickled dict: a list, or an array of one axis. */
export function integerField(value: PickleValue, name: string, fail: Fail): Int32Array {
  const found = field(value, name, fail);
  return toIntegers(Array.isArray(found) ? found : arrayField(value, name, fail).data, name, fail);
}

/** Integers as int32; other values fail. */
export function toIntegers(values: ArrayLike<unknown>, name: string, fail: Fail): Int32Array {
  const out = new Int32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    const number = typeof value === "bigint" ? Number(value) : value;
    out[at] = number as number;
    if (out[at] !== number) fail(`${JSON.stringify(name)} has an entry ${at} that is no integer of 32 bits`);
  }
  return out;
}

/** Images of `size` bytes in rows, and their labels, of a pickled dict of `data` and `labelName`. */
export function labelledPlanes(value: PickleValue, labelName: string, size: number, fail: Fail): LabelledPlanes {
  const labels = integerField(value, labelName, fail);
  return { planes: planesOf(arrayField(value, "data", fail), labels.length, size, fail), labels };
}

/** The bytes of an array of `count` images of `size` bytes. */
export function planesOf({ data, shape }: NumpyArray, count: number, size: number, fail: Fail): Uint8Array {
  if (data instanceof Uint8Array && shape[0] === count && data.length === count * size) return data;
  const given = `${data.constructor.name} of shape [${shape.join(", ")}]`;
  return fail(`"data" is ${given}, want bytes of shape [${count}, ${size}], one row for each label`);
}

/** Fails unless the labels are classes. */
export function requireClasses(labels: Int32Array, classes: number, fail: Fail, first = 0): void {
  const stray = labels.findIndex((label) => label < first || label >= first + classes);
  if (stray >= 0) fail(`label ${labels[stray]} of image ${stray}, want ${first} to ${first + classes - 1}`);
}

function namesOf(dict: PickleDict): string {
  return dict.size === 0
    ? "nothing"
    : [...dict.keys()]
        .slice(0, 8)
        .map((key) => described(key))
        .join(", ");
}
