import { AwpError, type Classifier, random } from "@awp/core";
import { disposeNetwork, fromGraphModel, fromLayersModel, networkNamed, type RobustBenchModel } from "@awp/models";
import { loadWeights, modelFiles, type ModelFormat, modelFormat } from "@awp/models/node";
import type { GraphModel } from "@tensorflow/tfjs-converter";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { type Scale, scaled } from "./scale";
import { isWeightsFile } from "./weights-file";

/** A model on disk, and how to read it. */
export interface ModelSource {
  /** A `.safetensors` or `.pt`, or the `model.json` of a `tf.LayersModel` or `tf.GraphModel`, or its folder. */
  readonly file: string;
  /** The architecture of a `.safetensors` or `.pt`, by its name. */
  readonly network: string;
  /** The line of RobustBench's leaderboards that the file is of, which has its network. */
  readonly published?: RobustBenchModel | undefined;
  /** What the model answers with; seen from its structure where it is left out. */
  readonly output: "logits" | "probabilities" | undefined;
  readonly scale: Omit<Scale, "size">;
  /** Whether images of another size than the model's are resized on their way into it. */
  readonly resize: boolean;
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
  return source.published !== undefined || isWeightsFile(source.file) ? openNetwork(source) : openModelFile(source);
}

function openNetwork({ file, network: name, published, scale }: ModelSource): OpenModel {
  let dispose = (): void => undefined;
  return {
    kind: "network",
    input: undefined,
    async classifier({ shape: [size, , channels], classNames }) {
      const network =
        published?.network?.({ random: random(0) }) ??
        networkNamed(name)({ classes: classNames.length, size, channels, random: random(0) });
      dispose = () => disposeNetwork(network);
      await loadWeights(network, file, published?.weights ?? { unused: ["sub_block1."] });
      return scaled((x) => network.forward(x, "eval"), scale);
    },
    dispose: () => dispose(),
  };
}

async function openModelFile({ file, output, scale, resize }: ModelSource): Promise<OpenModel> {
  const format = await modelFormat(file);
  const model = await load(file, format);
  const input = inputOf(model.inputs[0]?.shape);
  const [height, width, channels] = input ?? [];
  const size = resize && height && width ? { height, width } : undefined;
  try {
    const answer =
      format === "graph"
        ? fromGraphModel(model as GraphModel, { output })
        : fromLayersModel(model as LayersModel, { output });
    const classifier = scaled(answer, { ...scale, size });
    return {
      kind: `${format} model`,
      input: size === undefined ? input : [null, null, channels ?? null],
      classifier: () => Promise.resolve(classifier),
      dispose: () => void model.dispose(),
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

async function load(file: string, format: ModelFormat): Promise<LayersModel | GraphModel> {
  try {
    // Loaded here and not before: a shell that completes a line, or a training, waits for neither.
    if (format === "layers") return await (await import("@tensorflow/tfjs-layers")).loadLayersModel(modelFiles(file));
    return await (await import("@tensorflow/tfjs-converter")).loadGraphModel(modelFiles(file));
  } catch (error) {
    if (AwpError.is(error)) throw error;
    throw new AwpError(`${file}: not loaded as a ${format} model: ${(error as Error).message}`, { cause: error });
  }
}

/** Height, width and channels; a graph has -1 where any size will do. */
function inputOf(shape: readonly (number | null)[] | undefined): readonly (number | null)[] | undefined {
  return shape?.length === 4 ? shape.slice(1).map((size) => (size === -1 ? null : size)) : undefined;
}
