import {
  decodePickle,
  described,
  type Fail,
  type PickleContext,
  type PickleMake,
  PickleObject,
  type PickleValue,
  plainNames,
  textOf,
} from "@awp/core/node";
import { type NumpyArray, numpyArray, type NumpyType, numpyType } from "./numpy-array";

/** A `numpy.dtype` that is being unpickled. */
class PickledType extends PickleObject {
  type: NumpyType;

  constructor(type: NumpyType) {
    super();
    this.type = type;
  }

  /** The state is (version, order of bytes, …); a plain type has no more than the order. */
  override build(state: PickleValue, { fail }: PickleContext): void {
    const order = Array.isArray(state) ? textOf(state[1]) : undefined;
    if (order === undefined) fail(`numpy.dtype has state ${described(state)}`);
    this.type = { ...this.type, bigEndian: order === ">" };
  }
}

/** A `numpy.ndarray` that is being unpickled. */
class PickledArray extends PickleObject {
  array: NumpyArray | undefined;

  /** The state is (version, shape, dtype, Fortran order, bytes). */
  override build(state: PickleValue, context: PickleContext): void {
    const [, shape, type, fortran, bytes] = Array.isArray(state) ? state : [];
    if (this.array !== undefined) context.fail("the state of numpy.ndarray is set twice");
    this.array = arrayOf({ bytes, type, shape, fortran: fortran === true || fortran === 1 }, context);
  }
}

interface ArrayParts {
  readonly bytes: PickleValue | undefined;
  readonly type: PickleValue | undefined;
  readonly shape: PickleValue | undefined;
  readonly fortran: boolean;
}

function arrayOf({ bytes, type, shape, fortran }: ArrayParts, { fail, charge }: PickleContext): NumpyArray {
  if (!(type instanceof PickledType)) return fail(`a numpy.ndarray with ${described(type)} as its type`);
  if (!(bytes instanceof Uint8Array)) return fail(`a numpy.ndarray with ${described(bytes)} as its bytes`);
  if (!isShape(shape)) return fail(`a numpy.ndarray with ${described(shape)} as its shape`);
  charge(bytes.length); // it may be copied
  return numpyArray(bytes, { type: type.type, shape, fortran }, fail);
}

function isShape(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.length <= 32 && value.every((size) => typeof size === "number");
}

const reconstruct: PickleMake = () => new PickledArray();

const fromBuffer: PickleMake = ([bytes, type, shape, order], context) => {
  const made = new PickledArray();
  made.array = arrayOf({ bytes, type, shape, fortran: textOf(order) === "F" }, context);
  return made;
};

const scalar: PickleMake = ([type, bytes], context) => {
  const { data } = arrayOf({ bytes, type, shape: [], fortran: false }, context);
  return data[0] as number | bigint;
};

const type: PickleMake = ([name], { fail }) => {
  const text = textOf(name);
  return new PickledType(numpyType(text ?? fail(`numpy.dtype of ${described(name)}`), fail));
};

/** The allow-list of plain data and of arrays of NumPy 1 and 2. */
const numpyNames: ReadonlyMap<string, PickleMake | null> = new Map<string, PickleMake | null>([
  ...plainNames,
  ["numpy.ndarray", null],
  ["numpy.dtype", type],
  ...["numpy.core", "numpy._core"].flatMap((core): [string, PickleMake][] => [
    [`${core}.multiarray._reconstruct`, reconstruct],
    [`${core}.multiarray.scalar`, scalar],
    [`${core}.numeric._frombuffer`, fromBuffer],
  ]),
]);

/** The array that a pickle's value is, or undefined. */
export function pickledArray(value: PickleValue | undefined): NumpyArray | undefined {
  return value instanceof PickledArray ? value.array : undefined;
}

/** The value of a pickle of plain data; see {@link decodePickle}. */
export function decodeNumpyPickle(bytes: Uint8Array, fail: Fail): PickleValue {
  return decodePickle(bytes, { names: numpyNames, fail });
}
