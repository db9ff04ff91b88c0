/** Random choices that are the same for the same seed: a random step makes them anew in every call, and alike. */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** Choices of their own, which take nothing from these. */
  fork(label: number): Choices {
    return new Choices(Math.imul(this.#state ^ label, 0x9e3779b1));
  }

  /** An integer in [0, count). */
  below(count: number): number {
    return Math.floor(this.#unit() * count);
  }

  chance(probability: number): boolean {
    return this.#unit() < probability;
  }

  /** A number with few digits, so that float32 holds what it prints. */
  number(low: number, high: number): number {
    return Math.fround(Math.round((low + this.#unit() * (high - low)) * 64) / 64);
  }

  of<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new Error("nothing to choose from");
    return value;
  }

  order(count: number): number[] {
    const order = Array.from({ length: count }, (_, index) => index);
    for (let i = count - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    return order;
  }

  /** The generator mulberry32. */
  #unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }
}
