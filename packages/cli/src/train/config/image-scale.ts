import { in255ths } from "@awp/core/authoring";

/** The fields that are a distance between images, which are from 0 to 1. */
const fields: readonly string[] = ["attack.epsilon", "attack.stepSize"];

/** A field's number as it is best read: distances between images as a fraction of 255, where they are one. */
export function inImageScale(path: string, value: number): number | string {
  return (fields.includes(path) ? in255ths(value) : undefined) ?? value;
}
