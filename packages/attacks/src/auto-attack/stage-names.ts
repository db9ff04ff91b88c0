import { requireArgument } from "@awp/core/authoring";

/** The attacks that run: as published, more of them, or those for randomised classifiers. */
export type AutoAttackVersion = "standard" | "plus" | "rand";

/** The names of all stages; the `-t` are targeted. */
export type StageName = "apgd-ce" | "apgd-dlr" | "apgd-t" | "fab" | "fab-t" | "square";

const order: Readonly<Record<AutoAttackVersion, readonly StageName[]>> = {
  standard: ["apgd-ce", "apgd-t", "fab-t", "square"],
  plus: ["apgd-ce", "apgd-dlr", "fab", "square", "apgd-t", "fab-t"],
  rand: ["apgd-ce", "apgd-dlr"],
};

/** DLR compares three classes, its targeted form four. */
export const leastClasses: Readonly<Record<StageName, number>> = {
  "apgd-ce": 2,
  "apgd-dlr": 3,
  "apgd-t": 4,
  fab: 2,
  "fab-t": 2,
  square: 2,
};

/** The names of a version's stages, whatever the number of classes. */
export function stageNames(version: AutoAttackVersion): readonly StageName[] {
  requireArgument(Object.hasOwn(order, version), "version", version, `one of ${Object.keys(order).join(", ")}`);
  return order[version];
}
