/** A function that tells what is wrong with the bytes by throwing; its error names the file. */
export type Fail = (problem: string) => never;

/** A reader of bytes from first to last, which checks each length before it takes or allocates anything. */
export class ByteCursor {
  readonly bytes: Uint8Array;
  readonly fail: Fail;
  position = 0;
  readonly #view: DataView;
  readonly little: boolean;

  constructor(bytes: Uint8Array, fail: Fail, { little = true }: { readonly little?: boolean } = {}) {
    this.bytes = bytes;
    this.fail = fail;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.little = little;
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  /** The next `length` bytes, a view. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.bytes.subarray(start, start + length);
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), this.little);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), this.little);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), this.little);
  }

  /** The next 8 bytes as a count; one beyond 2^53 is inexact, and too long for any file. */
  u64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), this.little));
  }

  /** The next 8 bytes as a double, in the order that is said. */
  f64(little: boolean): number {
    return this.#view.getFloat64(this.#advance(8), little);
  }

  /** The bytes up to the next line feed, which is skipped. */
  line(): Uint8Array {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0) this.fail(`truncated: a line at byte ${this.position} does not end`);
    const line = this.take(end - this.position);
    this.position += 1;
    return line;
  }

  #advance(length: number): number {
    const start = this.position;
    if (!(length >= 0 && length <= this.remaining)) {
      this.fail(`truncated: ${length} bytes wanted at byte ${start} of ${this.bytes.length}`);
    }
    this.position += length;
    return start;
  }
}
