/*
 * The few messages of TensorFlow's event.proto and summary.proto that scalars need, in protobuf's wire format. The
 * numbers of the fields are those of the .proto files.
 */

/** What an event says beside when and at which step. */
export type EventContent =
  | { readonly kind: "version" }
  | { readonly kind: "restart" }
  | { readonly kind: "scalars"; readonly scalars: Readonly<Record<string, number>> };

export interface Event {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly content: EventContent;
}

/** The bytes of an `Event`. */
export function encodeEvent({ wallTime, step, content }: Event): Uint8Array {
  return message(double(1, wallTime), varintField(2, step), contentOf(content));
}

function contentOf(content: EventContent): Uint8Array {
  if (content.kind === "version") return bytes(3, text("brain.Event:2"));
  // SessionLog { status: START }: readers drop what they have of this step and later ones.
  if (content.kind === "restart") return bytes(7, varintField(1, 1));
  const values = Object.entries(content.scalars).map(([tag, value]) =>
    bytes(1, message(bytes(1, text(tag)), float(2, value))),
  );
  return bytes(5, message(...values));
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function message(...fields: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(fields.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const field of fields) {
    whole.set(field, at);
    at += field.length;
  }
  return whole;
}

function key(field: number, wireType: 0 | 1 | 2 | 5): Uint8Array {
  return varint((field << 3) | wireType);
}

/** A number of at least 0, seven bits in a byte, the lowest first. */
function varint(value: number): Uint8Array {
  const encoded: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) encoded.push((rest % 128) | 128);
  return Uint8Array.of(...encoded, rest);
}

const varintField = (field: number, value: number): Uint8Array => message(key(field, 0), varint(value));

const bytes = (field: number, value: Uint8Array): Uint8Array => message(key(field, 2), varint(value.length), value);

function double(field: number, value: number): Uint8Array {
  const encoded = new Uint8Array(8);
  new DataView(encoded.buffer).setFloat64(0, value, true);
  return message(key(field, 1), encoded);
}

function float(field: number, value: number): Uint8Array {
  const encoded = new Uint8Array(4);
  new DataView(encoded.buffer).setFloat32(0, value, true);
  return message(key(field, 5), encoded);
}
