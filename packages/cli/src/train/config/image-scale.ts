/** The fields that are a distance between images, which are from 0 to 1. */
const fields: readonly string[] = ["attack.epsilon", "attack.stepSize"];

/** A field's number as it is best read: distances between images as a fraction of 255, where they are one. */
export function inImageScale(path: string, value: number): number | string {
  const levels = Math.round(value * 255);
  return fields.includes(path) && levels > 0 && levels / 255 === value ? `${levels}/255` : value;
}
