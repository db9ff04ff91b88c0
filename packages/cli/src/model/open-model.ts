import { extname } from "node:path";
import { AwpError, type Classifier, random } from "@awp/core";
import { disposeNetwork, fromGraphModel, fromLayersModel, networkNamed } from "@awp/models";
import { loadWeights } from "@awp/models/node";
import { loadGraphModel } from "@tensorflow/tfjs-converter";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import { modelFile } from "./model-file";
import { type Scale, scaled } from "./scale";

/** A model on disk, and how to read it. */
export interface ModelSource {
  /** A `.safetensors` or the `model.json` of a `tf.LayersModel` or `tf.GraphModel`. */
  readonly file: string;
  /** The architecture of a `.safetensors`, by its name. */
  readonly network: string;
  /** What the model answers with; seen from its structure where it is left out. */
  readonly output: "logits" | "probabilities" | undefined;
  readonly scale: Scale;
}

/** What a model is to classify. */
export interface Classified {
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly classNames: readonly string[];
}

/** A model that is open. */
export interface OpenModel {
  readonly kind: "network" | "layers model" | "graph model";
  /** Height, width and channels of the images that it takes, as far as it says; null is any. */
  readonly input: readonly (number | null)[] | undefined;
  /** The classifier of RGB images in [0, 1] of that form, which answers with logits. */
  classifier(images: Classified): Promise<Classifier>;
  dispose(): void;
}

/** Opens a model; it is the caller's to dispose. */
export async function openModel(source: ModelSource): Promise<OpenModel> {
  return extname(source.file) === ".safetensors" ? openNetwork(source) : openModelFile(source);
}

function openNetwork({ file, network: name, scale }: ModelSource): OpenModel {
  let dispose = (): void => undefined;
  return {
    kind: "network",
    input: undefined,
    async classifier({ shape: [size, , channels], classNames }) {
      const network = networkNamed(name)({ classes: classNames.length, size, channels, random: random(0) });
      dispose = () => disposeNetwork(network);
      await loadWeights(network, file, { unused: ["sub_block1."] });
      return scaled((x) => network.forward(x, "eval"), scale);
    },
    dispose: () => dispose(),
  };
}

async function openModelFile({ file, scale }: ModelSource): Promise<OpenModel> {
  const { kind, handler } = await modelFile(file);
  try {
    if (kind === "layers") {
      const model = await loadLayersModel(handler);
      const classifier = scaled(fromLayersModel(model), scale);
      return opened("layers model", model.inputs[0]?.shape, classifier, () => void model.dispose());
    }
    const model = await loadGraphModel(handler);
    const classifier = scaled(fromGraphModel(model), scale);
    return opened("graph model", model.inputs[0]?.shape, classifier, () => model.dispose());
  } catch (error) {
    if (AwpError.is(error)) throw error;
    throw new AwpError(`${file}: not loaded as a ${kind} model: ${(error as Error).message}`, { cause: error });
  }
}

function opened(
  kind: OpenModel["kind"],
  input: readonly (number | null)[] | undefined,
  classifier: Classifier,
  dispose: () => void,
): OpenModel {
  // A graph has -1 where any size will do.
  const sizes = input?.slice(1).map((size) => (size === -1 ? null : size));
  return {
    kind,
    input: sizes?.length === 3 ? sizes : undefined,
    classifier: () => Promise.resolve(classifier),
    dispose,
  };
}
