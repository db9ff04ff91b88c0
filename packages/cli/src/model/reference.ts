import { type RobustBenchModel, robustBenchModel } from "@awp/models";
import { hubReference } from "@awp/models/node";
import { UsageError } from "../usage-error";

/** A model as a command line names it. */
export type ModelReference =
  | { readonly kind: "file"; readonly path: string }
  /** `OWNER/NAME`, `OWNER/NAME@REVISION` or `OWNER/NAME/FILE` on the Hugging Face hub. */
  | { readonly kind: "hf"; readonly model: string }
  /** A model of RobustBench's leaderboards, of which we have the network. */
  | { readonly kind: "robustbench"; readonly model: RobustBenchModel };

/**
 * The model that is named in MODEL's place or by `--from`; undefined where it is named in neither.
 *
 * @throws UsageError where it is named twice, or cannot be meant
 */
export function modelReference(given: string | undefined, from: string | undefined): ModelReference | undefined {
  if (given !== undefined && from !== undefined) throw new UsageError(`--from names a model, and ${given} another`);
  const text = from ?? given;
  if (text === undefined) return undefined;
  const [, place, name = ""] = /^(hf|robustbench):(.*)$/.exec(text) ?? [];
  if (place === undefined && from !== undefined) {
    throw new UsageError(`--from is ${from}, want hf:OWNER/NAME or robustbench:NAME`);
  }
  try {
    if (place === "robustbench") return { kind: "robustbench", model: robustBenchNamed(name) };
    if (place === undefined) return { kind: "file", path: text };
    hubReference(name);
    return { kind: "hf", model: name };
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** The model called `NAME`, or `cifar10/l2/NAME` where leaderboards share the name; one that cannot be built is refused. */
function robustBenchNamed(text: string): RobustBenchModel {
  const [, dataset, threatModel, name = text] = /^(cifar10|cifar100)\/(linf|l2)\/(.*)$/i.exec(text) ?? [];
  const board =
    dataset === undefined || threatModel === undefined
      ? {}
      : { dataset: dataset.toLowerCase() as "cifar10", threatModel: threatModel.toLowerCase() as "linf" };
  const model = robustBenchModel(name, board);
  if (model.network !== undefined) return model;
  throw new UsageError(`robustbench:${name}: there is no ${model.architecture} here: ${model.unsupported}`);
}
