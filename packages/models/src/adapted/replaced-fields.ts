/** A field of an object, and the value that it has for a while. */
export interface ReplacedField {
  readonly object: object;
  readonly field: string;
  readonly value: unknown;
}

/**
 * Runs `body` while fields have other values, of two for one field the later; afterwards, also when it throws, they are as
 * they were.
 */
export function withFields<T>(replaced: readonly ReplacedField[], body: () => T): T {
  const before = replaced.map(({ object, field }) => Object.getOwnPropertyDescriptor(object, field));
  try {
    for (const { object, field, value } of replaced) {
      Object.defineProperty(object, field, { value, configurable: true, enumerable: true, writable: true });
    }
    return body();
  } finally {
    for (const [index, { object, field }] of replaced.entries()) {
      const descriptor = before[index];
      // Without one the field is the class's, and shows again.
      if (descriptor === undefined) Reflect.deleteProperty(object, field);
      else Object.defineProperty(object, field, descriptor);
    }
  }
}
