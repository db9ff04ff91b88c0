import { AwpError, encodeSafetensors, type Network, networkEntries } from "@awp/core";
import type * as Client from "@huggingface/hub";
import { hubToken, hubUrl } from "./access";
import { hubClient } from "./client";
import { configName, encodeHubConfig, type HubConfig } from "./config";
import { weightsName } from "./from-hub";
import { type ModelCard, modelCard } from "./model-card";
import { requireRepo } from "./reference";
import { hubError, isRefusal } from "./refusal";

/** Files of a model on the hub, by their paths. */
export type HubFiles = Readonly<Record<string, string | Uint8Array>>;

/**
 * The files that make a network a model of the hub: `model.safetensors`, which PyTorch's `load_state_dict` takes,
 * `config.json`, of which {@link fromHub} makes the network again, and the model card, `README.md`.
 *
 * @example
 * const { classNames, shape } = testSet;
 * const config = { network: "preactresnet-18", classNames, size: shape[0], channels: shape[2], normalization: null };
 * const clean: HubResult = { attack: "natural", norm: "linf", epsilon: 0, accuracy: 0.81, images: 10_000 };
 * const card = { repo: "me/robust", dataset: { name: "CIFAR-10", id: "uoft-cs/cifar10", split: "test" }, results: [clean] };
 * const files = await hubFiles(network, config, card);
 */
export async function hubFiles(
  network: Pick<Network, "parameters" | "buffers">,
  config: HubConfig,
  card: ModelCard,
): Promise<HubFiles> {
  return {
    [weightsName]: encodeSafetensors(await networkEntries(network)),
    [configName]: encodeHubConfig(config),
    "README.md": modelCard(config, card),
  };
}

export interface PushOptions {
  /** Whether a model that is not there yet is seen by its owners alone. @default false */
  readonly private?: boolean;
  /** The commit's first line. @default "Upload model with awp" */
  readonly message?: string;
  /** Told how far each file is, from 0 to 1. */
  readonly onProgress?: (progress: { readonly file: string; readonly share: number }) => void;
  readonly signal?: AbortSignal;
}

/** A commit on the hub. */
export interface PushedModel {
  readonly url: string;
  readonly commit: string;
}

/**
 * Puts files into the model `OWNER/NAME` of the Hugging Face hub, in one commit; the model is made if it is not there.
 *
 * Needs `@huggingface/hub`, and a token that may write: `HF_TOKEN`, or that of `hf auth login`.
 *
 * @throws ArgumentError for another name; AwpError without a token, if the hub refuses or the connection breaks: nothing is
 *   committed then; the signal's reason on abort
 * @example
 * await saveWeights(network, "model.safetensors");
 * await pushToHub("me/robust", { "model.safetensors": await readFile("model.safetensors") }, { private: true });
 */
export async function pushToHub(repo: string, files: HubFiles, options: PushOptions = {}): Promise<PushedModel> {
  const { private: hidden = false, message = "Upload model with awp", onProgress, signal } = options;
  requireRepo(repo);
  const client = await hubClient();
  const asked = { hubUrl: hubUrl(), accessToken: await requireHubToken() };
  try {
    await createRepo(client, { ...asked, repo, ...(hidden && { visibility: "private" }) });
    signal?.throwIfAborted();
    const events = client.commitIter({
      ...{ ...asked, repo, title: message },
      operations: Object.entries(files).map(([path, content]) => ({
        operation: "addOrUpdate",
        path,
        content: new Blob([content as Uint8Array<ArrayBuffer>]),
      })),
      ...(signal && { abortSignal: signal }),
    });
    for (;;) {
      const { done, value } = await events.next();
      if (done === true) return { url: `${asked.hubUrl}/${repo}`, commit: value?.commit.oid ?? "" };
      if (value.event !== "fileProgress") continue;
      if (value.state === "error") throw new AwpError(`${value.path} was not taken`);
      if (value.state === "uploading") onProgress?.({ file: value.path, share: value.progress });
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw hubError(`hf:${repo}`, error);
  }
}

/**
 * The user's token.
 *
 * @throws AwpError that says how to get one where there is none
 * @example
 * await requireHubToken(); // before a training whose network is to be pushed
 */
export async function requireHubToken(): Promise<string> {
  const token = await hubToken();
  if (token !== undefined) return token;
  throw new AwpError("no token of the Hugging Face hub: set HF_TOKEN, or log in by `hf auth login`");
}

const alreadyThere = 409;

async function createRepo(client: typeof Client, wanted: Parameters<typeof Client.createRepo>[0]): Promise<void> {
  try {
    await client.createRepo(wanted);
  } catch (error) {
    if (!isRefusal(error) || error.statusCode !== alreadyThere) throw error;
  }
}
