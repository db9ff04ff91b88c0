/** What a golden file holds is not what its kind promises. */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
}

/** An object of a golden file, read with checks; errors name the place. A field that is null counts as absent. */
export interface Fields {
  readonly path: string;
  readonly keys: readonly string[];
  has(key: string): boolean;
  number(key: string): number;
  count(key: string): number;
  text(key: string): string;
  flags(key: string): readonly boolean[];
  /** A number, or numbers in arrays nested to any depth, flattened row by row. */
  numbers(key: string): readonly number[];
  /** Rows of equal length. */
  matrix(key: string): readonly (readonly number[])[];
  /** Names with shapes. */
  shapes(key: string): readonly (readonly [string, readonly number[]])[];
  object(key: string): Fields;
  objects(key: string): readonly Fields[];
}

export function fields(value: unknown, path: string): Fields {
  if (!isRecord(value)) throw new MalformedError(`${path}: want an object`);

  function read<T>(key: string, is: (field: unknown) => field is T, wanted: string): T {
    const field = (value as Record<string, unknown>)[key];
    if (!is(field)) throw new MalformedError(`${path}.${key}: got ${shown(field)}, want ${wanted}`);
    return field;
  }

  const list = (key: string): readonly unknown[] => read(key, isArray, "an array");
  return {
    path,
    keys: Object.keys(value).filter((key) => value[key] !== null),
    has: (key) => value[key] !== undefined && value[key] !== null,
    number: (key) => read(key, isNumber, "a finite number"),
    count: (key) => read(key, isCount, "a positive integer"),
    text: (key) => read(key, isText, "text"),
    flags: (key) => read(key, isFlags, "an array of booleans"),
    numbers: (key) => {
      const flat = [value[key]].flat(Number.POSITIVE_INFINITY as 10);
      if (flat.length > 0 && flat.every(isNumber)) return flat;
      throw new MalformedError(`${path}.${key}: got ${shown(value[key])}, want finite numbers`);
    },
    matrix: (key) => read(key, isMatrix, "rows of finite numbers, all of one length"),
    shapes: (key) => read(key, isShapes, "pairs of a name and a shape"),
    object: (key) => fields(read(key, isRecord, "an object"), `${path}.${key}`),
    objects: (key) => list(key).map((entry, index) => fields(entry, `${path}.${key}[${index}]`)),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const isText = (value: unknown): value is string => typeof value === "string";
const isFlags = (value: unknown): value is boolean[] =>
  isArray(value) && value.every((flag) => typeof flag === "boolean");
const isMatrix = (value: unknown): value is number[][] => {
  if (!isArray(value)) return false;
  const [first] = value;
  return isArray(first) && value.every((row) => isArray(row) && row.length === first.length && row.every(isNumber));
};
const isShapes = (value: unknown): value is (readonly [string, readonly number[]])[] =>
  isArray(value) &&
  value.every((pair) => isArray(pair) && isText(pair[0]) && isArray(pair[1]) && pair[1].every(isCount));

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60);
}
