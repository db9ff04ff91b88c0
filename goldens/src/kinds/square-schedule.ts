import { squareFraction } from "@awp/attacks";
import { relativeToLargest } from "../deviation";
import type { Fields } from "../fields";
import { type Findings, requireKnown } from "../findings";
import { tolerance } from "../tolerance";

/** The fraction of the image that Square's window covers, iteration by iteration. */
export function squareSchedule(golden: Fields, findings: Findings): void {
  const [plain, rescaled] = ["p_without_rescaling", "p_with_rescaling_to_n_queries"];
  requireKnown(golden, ["kind", "note", "p_init", "n_queries", "iterations", plain, rescaled]);
  const initial = golden.number("p_init");
  const iterations = golden.numbers("iterations");
  for (const [name, queries] of [
    [plain, undefined],
    [rescaled, golden.count("n_queries")],
  ] as const) {
    const ours = iterations.map((iteration) => squareFraction(iteration, initial, queries));
    findings.check(name, relativeToLargest(ours, golden.numbers(name)), tolerance.schedule);
  }
}
