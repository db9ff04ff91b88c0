import { hubReference } from "@awp/models/node";
import { UsageError } from "../usage-error";

/** A model as a command line names it. */
export type ModelReference =
  | { readonly kind: "file"; readonly path: string }
  /** `OWNER/NAME`, `OWNER/NAME@REVISION` or `OWNER/NAME/FILE` on the Hugging Face hub. */
  | { readonly kind: "hf"; readonly model: string };

/**
 * The model that is named in MODEL's place or by `--from`; undefined where it is named in neither.
 *
 * @throws UsageError where it is named twice, or cannot be meant
 */
export function modelReference(given: string | undefined, from: string | undefined): ModelReference | undefined {
  if (given !== undefined && from !== undefined) throw new UsageError(`--from names a model, and ${given} another`);
  const text = from ?? given;
  if (text === undefined) return undefined;
  const [, place, name = ""] = /^(hf):(.*)$/.exec(text) ?? [];
  if (place === "hf") {
    try {
      hubReference(name);
    } catch (error) {
      throw new UsageError((error as Error).message, { cause: error });
    }
    return { kind: "hf", model: name };
  }
  if (from === undefined) return { kind: "file", path: text };
  throw new UsageError(`--from is ${from}, want hf:OWNER/NAME`);
}
