import { join } from "node:path";
import { AwpError, type Network } from "@awp/core";
import { disposeNetwork } from "../../architecture/network";
import { loadWeights } from "../weights";
import { configName, type HubConfig, hubNetwork, readHubConfig } from "./config";
import { hubReference } from "./reference";
import { type HubOptions, type HubRepository, openRepository } from "./repository";

/** Weights of the hub on this machine. */
export interface FetchedModel {
  /** The weights, in the hub's cache. */
  readonly file: string;
  /** What the network is made of; undefined where the model was not pushed by {@link pushToHub}. */
  readonly config: HubConfig | undefined;
  /** The commit that they are of. */
  readonly commit: string;
}

/** The name that weights have on the hub. */
export const weightsName = "model.safetensors";

/**
 * Fetches the weights of a model on the Hugging Face hub, `OWNER/NAME`, `OWNER/NAME@REVISION` or `OWNER/NAME/FILE`, to the
 * cache that the hub's own tools have, and asks for nothing that is there. Every file is checked by its hash.
 *
 * Needs `@huggingface/hub`. Heard are `HF_TOKEN` (and the token of `hf auth login`), `HF_ENDPOINT`, `HF_HOME`,
 * `HF_HUB_CACHE` and `HF_HUB_OFFLINE`.
 *
 * @throws ArgumentError for another name; AwpError if the hub refuses, the connection breaks (the next call goes on), the
 *   bytes are not those of the hash, or it cannot be told which of several files is meant; the signal's reason on abort
 * @example
 * const { file, config } = await fetchFromHub("someone/resnet/model.safetensors");
 */
export async function fetchFromHub(model: string, options: HubOptions = {}): Promise<FetchedModel> {
  const reference = hubReference(model);
  const repository = await openRepository(reference, options);
  const files = await repository.files();
  const config = files.includes(configName) ? await readHubConfig(await repository.fetch(configName)) : undefined;
  const file = reference.file ?? weightsAmong(files, config, repository);
  return { file: await repository.fetch(file), config, commit: repository.commit };
}

function weightsAmong(files: readonly string[], config: HubConfig | undefined, { name }: HubRepository): string {
  if (config !== undefined && files.includes(weightsName)) return weightsName;
  const weights = files.filter((file) => /\.(safetensors|pt|pth)$/.test(file));
  const [only, another] = weights;
  if (only === undefined) {
    throw new AwpError(`${name}: no .safetensors, .pt or .pth in it; there are ${files.join(", ") || "no files"}`);
  }
  if (another === undefined) return only;
  throw new AwpError(`${name}: which of its files? ${weights.join(", ")}: name one, as ${name}/${only}`);
}

export interface FromHubOptions extends HubOptions {
  /** The network for weights that were not pushed by {@link pushToHub}; it stays the caller's. */
  readonly network?: Network;
}

/** A network of the hub. */
export interface HubModel {
  /** The network with its weights and its normalisation, for images in [0, 1]; the caller's. */
  readonly network: Network;
  readonly config: HubConfig | undefined;
  readonly commit: string;
}

/**
 * A network of the Hugging Face hub, by what {@link fetchFromHub} takes: made as its `config.json` says, or the one that is
 * given, with the weights from there.
 *
 * @throws what {@link fetchFromHub} throws; AwpError if it is not known how to make the network, or other weights are there
 * @example
 * const { network } = await fromHub("someone/cifar10-at-awp");
 * const classifier = (x: Images) => network.forward(x, "eval");
 */
export async function fromHub(model: string, { network: given, ...options }: FromHubOptions = {}): Promise<HubModel> {
  const { file, config, commit } = await fetchFromHub(model, options);
  if (given === undefined && config === undefined) {
    throw new AwpError(
      `hf:${model}: no ${configName} of awp in it, which says what network it is: give one as network`,
    );
  }
  const network = given ?? hubNetwork(config as HubConfig);
  try {
    await loadWeights(network, file);
  } catch (error) {
    if (given === undefined) disposeNetwork(network);
    throw error;
  }
  return { network, config, commit };
}

/**
 * What the `config.json` in a folder says, as beside the weights in a clone of a model of the hub; undefined where there is
 * none of ours.
 *
 * @throws AwpError that names the file and the field that cannot be meant
 * @example
 * const config = await configBeside("cifar10-at-awp");
 */
export function configBeside(folder: string): Promise<HubConfig | undefined> {
  return readHubConfig(join(folder, configName));
}
