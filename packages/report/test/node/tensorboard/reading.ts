/* A reader of event files, written from the formats' descriptions and with nothing of the writer's. */

/** A field of a protobuf message: its number, and its value as the wire has it. */
export type Field = readonly [number: number, value: bigint | Uint8Array];

/** The data of the records of a file, and the checksums beside them. */
export function recordsIn(file: Uint8Array): { readonly data: Uint8Array; readonly checksums: readonly number[] }[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const records = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true));
    const data = file.subarray(at + 12, at + 12 + length);
    records.push({ data, checksums: [view.getUint32(at + 8, true), view.getUint32(at + 12 + length, true)] });
    at += 16 + length;
  }
  return records;
}

/** The fields of a message, in their order. */
export function fieldsIn(message: Uint8Array): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(message[at++] as number);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return value;
    }
  };
  while (at < message.length) {
    const key = Number(varint());
    const [number, type] = [key >> 3, key & 7];
    if (type === 0) fields.push([number, varint()]);
    else {
      const length = type === 1 ? 8 : type === 5 ? 4 : Number(varint());
      fields.push([number, message.subarray(at, at + length)]);
      at += length;
    }
  }
  return fields;
}

/** The value of a field that is there once. */
export function only(fields: readonly Field[], number: number): bigint | Uint8Array {
  const found = fields.filter(([each]) => each === number);
  if (found.length !== 1) throw new Error(`field ${number} is there ${found.length} times`);
  return (found[0] as Field)[1];
}

export const bytesOf = (value: bigint | Uint8Array): Uint8Array => value as Uint8Array;
export const textOf = (value: bigint | Uint8Array): string => new TextDecoder().decode(bytesOf(value));
export const doubleOf = (value: bigint | Uint8Array): number => Buffer.from(bytesOf(value)).readDoubleLE();
export const floatOf = (value: bigint | Uint8Array): number => Buffer.from(bytesOf(value)).readFloatLE();
