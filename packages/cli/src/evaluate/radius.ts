import { in255ths } from "@awp/core/authoring";

/** A radius as people write it: 8/255 where it is so many 255ths. */
export function radius(epsilon: number): string {
  return in255ths(epsilon) ?? `${Number(epsilon.toPrecision(6))}`;
}
