import type { Norm } from "@awp/core";
import { in255ths } from "@awp/core/authoring";
import type { HubConfig } from "./config";
import { frontMatter, type Yaml } from "./front-matter";

/** An accuracy of a model, as its card gives it. */
export interface HubResult {
  /** The attack's name; "natural" for images as they are. */
  readonly attack: string;
  readonly norm: Norm;
  /** The radius in the scale of [0, 1]; 0 for images as they are. */
  readonly epsilon: number;
  /** The share that is right, from 0 to 1. */
  readonly accuracy: number;
  /** How many images it was measured on. */
  readonly images: number;
}

/** What a model card says beside the configuration. */
export interface ModelCard {
  /** `OWNER/NAME`. */
  readonly repo: string;
  /** A sentence about the model, or several. */
  readonly about?: string;
  readonly dataset: {
    readonly name: string;
    /** Its name on the hub, such as `uoft-cs/cifar10`. */
    readonly id?: string;
    /** Whose images the results are of. */
    readonly split: string;
  };
  readonly results: readonly HubResult[];
  /** As the hub names licences: `mit`, `apache-2.0`. */
  readonly license?: string;
  /** Tags beside those that every card has. */
  readonly tags?: readonly string[];
  /** Markdown about the training. */
  readonly training?: string;
  /** Pictures among the files, and what they show. */
  readonly figures?: readonly { readonly file: string; readonly caption: string }[];
}

/**
 * The text of a model card, with the metadata by which the hub finds a model and shows its results.
 *
 * @example
 * await writeFile("README.md", modelCard(config, card));
 */
export function modelCard(config: HubConfig, card: ModelCard): string {
  const { repo, about, results, training, figures = [] } = card;
  const parts = [
    `# ${nameOf(repo)}`,
    about,
    resultTable(card),
    results.some(({ epsilon }) => epsilon > 0) &&
      "Accuracy under an attack is what that attack left: a stronger one may leave less.",
    ...figures.map(({ file, caption }) => `![${caption}](${file})`),
    usage(repo, config),
    training !== undefined && `## Training\n\n${training}`,
  ];
  return `${frontMatter(metadata(card))}\n${parts.filter(Boolean).join("\n\n")}\n`;
}

function nameOf(repo: string): string {
  return repo.slice(repo.indexOf("/") + 1);
}

function metadata({ repo, dataset, results, license, tags = [] }: ModelCard): { readonly [key: string]: Yaml } {
  const task = { type: "image-classification", name: "Image Classification" };
  const measuredOn = { name: dataset.name, type: dataset.id ?? dataset.name.toLowerCase(), split: dataset.split };
  const metrics = results.map((result) => ({
    ...{ type: "accuracy", name: `Accuracy, ${wordsOf(result)}`, value: result.accuracy },
    args: { attack: result.attack, norm: result.norm, epsilon: result.epsilon, images: result.images },
  }));
  return {
    ...(license !== undefined && { license }),
    ...{ library_name: "awp", pipeline_tag: "image-classification" },
    tags: [...new Set(["image-classification", "adversarial-robustness", "tensorflow.js", ...tags])],
    ...(dataset.id !== undefined && { datasets: [dataset.id] }),
    "model-index": [{ name: nameOf(repo), results: [{ task, dataset: measuredOn, metrics }] }],
  };
}

const norms: Readonly<Record<Norm, string>> = { linf: "ℓ∞", l2: "ℓ2", l1: "ℓ1" };

function wordsOf({ attack, norm, epsilon }: HubResult): string {
  return epsilon === 0 ? "clean" : `${attack}, ${norms[norm]} ${in255ths(epsilon) ?? Number(epsilon.toPrecision(6))}`;
}

function resultTable({ dataset, results }: ModelCard): string {
  const rows = results.map(
    ({ accuracy, images, ...result }) =>
      `| ${wordsOf({ accuracy, images, ...result })} | ${(100 * accuracy).toFixed(1)} % | ${images} |`,
  );
  return [`| ${dataset.name}, ${dataset.split} | accuracy | images |`, "|---|---:|---:|", ...rows].join("\n");
}

function usage(repo: string, { network, classNames, size, channels, normalization }: HubConfig): string {
  const scale =
    normalization === null
      ? "as they are"
      : `less the mean ${normalization.mean.join(", ")} and divided by ${normalization.std.join(", ")}, channel by channel`;
  return `## Use

\`\`\`sh
npm install @awp/cli @huggingface/hub
npx awp evaluate hf:${repo} --data FOLDER
\`\`\`

\`\`\`ts
import { fromHub } from "@awp/models/node";

const { network } = await fromHub("${repo}"); // images in [0, 1] to logits
\`\`\`

In PyTorch, the weights are those of \`${network}\` for ${classNames.length} classes. Images are RGB in [0, 1], of ${size}×${size} pixels and ${channels} channels, ${scale}.

\`\`\`python
from huggingface_hub import hf_hub_download
from safetensors.torch import load_file

network.load_state_dict(load_file(hf_hub_download("${repo}", "model.safetensors")))
\`\`\`

Classes, in the order of the logits: ${classNames.join(", ")}.`;
}
