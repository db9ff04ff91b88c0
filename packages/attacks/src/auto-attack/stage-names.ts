import { requireArgument } from "@awp/core/authoring";
import type { AutoAttackVersion, StageName } from "./report";

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
