import { InvalidArgumentError } from "@commander-js/extra-typings";
import { z } from "zod";
import { fraction } from "../../options/parsers";

/* The kinds of fields. The message of each says what is wanted and nothing else: where and what was given stand before it. */

export function integer(least: number) {
  const error = `an integer of at least ${least}`;
  return z.int({ error }).min(least, { error });
}

export function choice<const Names extends readonly [string, ...string[]]>(names: Names) {
  return z.enum(names, { error: `one of ${names.join(", ")}` });
}

export const flag = () => z.boolean({ error: "true or false" });

export const text = () => z.string({ error: "a text" }).min(1, { error: "a text that is not empty" });

/** A number of at least 0, which may be written as a fraction: 8/255. */
export function amount() {
  return z.unknown().transform((value, context): number => {
    try {
      if (typeof value === "number" || typeof value === "string") return fraction(String(value));
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
    }
    context.issues.push({
      code: "custom",
      input: value,
      message: "a number of at least 0 or a fraction such as 8/255",
    });
    return z.NEVER;
  });
}

/** A list of different things, each called `name`; one of them may stand alone. */
export function list<Item extends z.ZodType>(name: string, item: Item) {
  return z.preprocess(
    (given) => (typeof given === "string" || typeof given === "number" ? [given] : given),
    z
      .array(item, { error: `a list of ${name}s` })
      .min(1, { error: `at least one ${name}` })
      .refine((items) => new Set(items).size === items.length, { error: `each ${name} once` }),
  );
}

/** A mapping of fields, each with a default: it may be left out. */
export function fields<const Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, { error: "a mapping of fields" });
}
