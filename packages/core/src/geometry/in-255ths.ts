/** A radius as people write it, such as 8/255, which is that number to the bit; undefined where it is none of 255ths. */
export function in255ths(value: number): string | undefined {
  const levels = Math.round(value * 255);
  return !Number.isInteger(value) && levels / 255 === value ? `${levels}/255` : undefined;
}
