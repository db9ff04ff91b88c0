import type { PublishablePackage } from "../publishable";
import type { Registry } from "./registry";

/** What every consumer is told. */
export interface Rehearsal {
  /** The workspace. */
  readonly root: string;
  /** Where projects are made. */
  readonly folder: string;
  readonly registry: Registry;
  readonly packages: readonly PublishablePackage[];
  /** Whether what takes long is left out. */
  readonly quick: boolean;
}
