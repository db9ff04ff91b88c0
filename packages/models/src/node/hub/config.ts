import { readFile } from "node:fs/promises";
import { AwpError, type Network, random } from "@awp/core";
import { networkNamed } from "../../architecture/named-network";
import { normalizedInput, withInput } from "../../architecture/normalized-input";
import { isRecord } from "../model-json";

/** What a network is made of again, beside its weights: `config.json` on the hub. */
export interface HubConfig {
  /** The architecture, as `networkNamed` knows it. */
  readonly network: string;
  /** The classes in the order of the logits. */
  readonly classNames: readonly string[];
  /** The side of the images in pixels. */
  readonly size: number;
  readonly channels: number;
  /** What images in [0, 1] become before they go in, (x − mean) / std; null where nothing. */
  readonly normalization: { readonly mean: readonly number[]; readonly std: readonly number[] } | null;
}

/** The file's name; the hub counts downloads by it. */
export const configName = "config.json";

const library = "awp";
const format = 1;

/** The text of `config.json`. */
export function encodeHubConfig({ network, classNames, size, channels, normalization }: HubConfig): string {
  const document = {
    ...{ library_name: library, format, network },
    ...{ num_classes: classNames.length, class_names: classNames, image_size: size, num_channels: channels },
    normalization,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * What a `config.json` says; undefined where it is of another library, or none is there.
 *
 * @throws AwpError that names the file and the field that cannot be meant
 */
export async function readHubConfig(path: string): Promise<HubConfig | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(json) || json["library_name"] !== library) return undefined;
  const { network, class_names: classNames, image_size: size, num_channels: channels, normalization } = json;
  const want = (condition: boolean, field: string, wanted: string): void => {
    if (!condition) throw new AwpError(`${path}: ${field} is ${JSON.stringify(json[field])}, want ${wanted}`);
  };
  want(json["format"] === format, "format", `${format}: this version knows no other`);
  want(typeof network === "string" && isKnown(network), "network", "the name of a network, such as preactresnet-18");
  want(isList(classNames, "string") && classNames.length > 1, "class_names", "at least two names");
  want(isCount(size), "image_size", "a positive integer");
  want(isCount(channels), "num_channels", "a positive integer");
  const numbers = (values: unknown): boolean => isList(values, "number") && values.length === channels;
  const scale = isRecord(normalization) && numbers(normalization["mean"]) && numbers(normalization["std"]);
  want(normalization === null || scale, "normalization", "null, or mean and std with a number for each channel");
  return { network, classNames, size, channels, normalization } as HubConfig;
}

/**
 * A network for that configuration, with fresh weights and its normalisation inside; the caller's.
 *
 * @example
 * const { file, config } = await fetchFromHub("someone/cifar10-at-awp");
 * if (config) await loadWeights(hubNetwork(config), file);
 */
export function hubNetwork({ network: name, classNames, size, channels, normalization }: HubConfig): Network {
  const network = networkNamed(name)({ classes: classNames.length, size, channels, random: random(0) });
  return normalization === null ? network : withInput(network, normalizedInput(normalization));
}

function isKnown(network: string): boolean {
  try {
    networkNamed(network);
    return true;
  } catch {
    return false;
  }
}

function isList(values: unknown, type: "string" | "number"): values is readonly unknown[] {
  return Array.isArray(values) && values.every((value) => typeof value === type);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
