import type { Addon } from "./native";

/** How often each operator ran that would give a device work, by its name. */
export type Operations = Readonly<Record<string, number>>;

export interface OperationsOptions {
  /** Whether recorded steps move variables in place meanwhile, as on a GPU, with the copies that this costs. @default false */
  readonly inPlace?: boolean;
}

/** The operations of `run`, on the routes that kernels take on a GPU. */
export function countedOperations(
  addon: Addon,
  run: () => void,
  { inPlace = false }: OperationsOptions = {},
): Operations {
  const onCpu = addon.device === "cpu";
  if (onCpu) {
    addon.deviceRoutes(1);
    addon.replayInPlace(Number(inPlace));
  }
  addon.takeOperations();
  addon.countOperations(1);
  try {
    run();
  } finally {
    addon.countOperations(0);
    if (onCpu) {
      addon.deviceRoutes(0);
      addon.replayInPlace(0);
    }
  }
  return addon.takeOperations();
}
