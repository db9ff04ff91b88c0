import { AwpError, decodeSafetensors, encodeSafetensors, type StoredTensor } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import type { Examples } from "./examples";
import type { Found } from "./finding";
import type { StageReport } from "./report";

/** How far an evaluation has come: a value, which nothing changes. */
export interface AutoAttackState {
  /** What must be the same to go on. */
  readonly settings: string;
  /** 1 where the clean image is classified correctly, by position. */
  readonly natural: Int32Array;
  /** 1 where it still is. */
  readonly robust: Int32Array;
  /** 1 where the classifier answers the clean image, or the adversarial one, with NaN. */
  readonly nan: Int32Array;
  /** What broke the others, by position. */
  readonly found: ReadonlyMap<number, Found>;
  readonly stages: readonly StageReport[];
  /** The stage and attack under way, and the next position in the data to attack. */
  readonly cursor: { readonly stage: number; readonly attack: number; readonly position: number };
}

/** A new state, or the given one if it is of the same evaluation. */
export function openState(
  given: AutoAttackState | undefined,
  settings: object,
  { indices, labels }: Examples,
  { natural, nan }: Pick<AutoAttackState, "natural" | "nan">,
): AutoAttackState {
  const described = JSON.stringify({
    ...settings,
    indices: hash(indices),
    labels: hash(labels),
    natural: hash(natural),
  });
  if (given === undefined) {
    const cursor = { stage: 0, attack: 0, position: 0 };
    return { settings: described, natural, robust: natural.slice(), nan, found: new Map(), stages: [], cursor };
  }
  requireArgument(given.settings === described, "state", given.settings, `a state of this evaluation, ${described}`);
  return given;
}

/** FNV-1a over the values, to tell other data apart. */
function hash(values: Int32Array): number {
  return values.reduce((sum, value) => Math.imul(sum ^ value, 0x01000193), 0x811c9dc5) >>> 0;
}

const schema = "awp-auto-attack-2";

/**
 * The bytes of a state: a safetensors file with the adversarial images; `decodeAutoAttackState` reads it.
 *
 * @example
 * const options = { norm: "linf", epsilon: 8 / 255, classifier, batches: testBatches, random: random(0) } as const;
 * for await (const { state } of autoAttack(options)) {
 *   await writeFile("auto-attack.safetensors", encodeAutoAttackState(state));
 * }
 */
export function encodeAutoAttackState(state: AutoAttackState): Uint8Array {
  const { settings, natural, robust, nan, found, stages, cursor } = state;
  const entries = [...found].sort(([a], [b]) => a - b);
  const size = entries[0]?.[1].image.length ?? 0;
  const images = new Float32Array(entries.length * size);
  for (const [row, [, { image }]] of entries.entries()) images.set(image, row * size);
  const details = entries.map(([position, { image: _, ...rest }]) => ({ position, ...rest }));
  const vector = (data: Int32Array) => ({ dtype: "I32" as const, shape: [data.length], data });
  return encodeSafetensors(
    new Map<string, StoredTensor>([
      ["natural", vector(natural)],
      ["robust", vector(robust)],
      ["nan", vector(nan)],
      ["images", { dtype: "F32", shape: [entries.length, size], data: images }],
    ]),
    { schema, state: JSON.stringify({ settings, stages, cursor, found: details }) },
  );
}

/**
 * The state that {@link encodeAutoAttackState} wrote.
 *
 * @example
 * const state = decodeAutoAttackState(await readFile("auto-attack.safetensors"));
 * const options = { norm: "linf", epsilon: 8 / 255, classifier, batches: testBatches, random: random(0) } as const;
 * const report = await drain(autoAttack({ ...options, state })); // what was done is not done again
 * @throws AwpError for bytes that are none.
 */
export function decodeAutoAttackState(bytes: Uint8Array, source = "state"): AutoAttackState {
  const { entries, metadata } = decodeSafetensors(bytes, source);
  const flags = (name: string): Int32Array => {
    const entry = entries.get(name);
    if (metadata["schema"] !== schema || entry?.dtype !== "I32") throw noState(source);
    return entry.data.slice();
  };
  const [natural, robust, nan, images] = [flags("natural"), flags("robust"), flags("nan"), entries.get("images")];
  if (images?.dtype !== "F32") throw noState(source);
  const { settings, stages, cursor, found } = JSON.parse(metadata["state"] ?? "{}") as StoredState;
  const size = images.shape[1] as number;
  return {
    settings,
    natural,
    robust,
    nan,
    stages,
    cursor,
    found: new Map(
      found.map(({ position, ...rest }, row) => [
        position,
        { ...rest, image: images.data.slice(row * size, (row + 1) * size) },
      ]),
    ),
  };
}

function noState(source: string): AwpError {
  return new AwpError(`${source}: no state of AutoAttack of the schema ${schema}`);
}

interface StoredState extends Pick<AutoAttackState, "settings" | "stages" | "cursor"> {
  readonly found: (Omit<Found, "image"> & { readonly position: number })[];
}
