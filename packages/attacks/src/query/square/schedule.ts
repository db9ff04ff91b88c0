/** The fraction of the image that Square's window covers is halved after each of these iterations. */
const halvedAfter = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

/** The iterations that the schedule is made for. */
const fullLength = 10_000;

/**
 * The fraction p of the image that Square's window covers at an iteration: `initial`, and half of it after 10, a quarter
 * after 50, … iterations. With `queries`, the schedule for 10,000 is squeezed into so many.
 *
 * @example
 * squareFraction(0, 0.8); // 0.8 of the image at first
 * squareFraction(500, 0.8, 5000); // 1/16 of that
 */
export function squareFraction(iteration: number, initial: number, queries?: number): number {
  const at = queries === undefined ? iteration : Math.floor((iteration / queries) * fullLength);
  return initial / 2 ** halvedAfter.filter((last) => at > last).length;
}
