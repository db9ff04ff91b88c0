import { ArgumentError } from "@awp/core";

/** A model on the Hugging Face hub, and what of it is meant. */
export interface HubReference {
  /** `OWNER/NAME`. */
  readonly repo: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  /** The path of the weights in it; seen from what is there where it is left out. */
  readonly file: string | undefined;
}

const part = String.raw`[A-Za-z0-9](?:[\w.-]{0,94}[A-Za-z0-9_])?`;
const repoPattern = new RegExp(`^${part}/${part}$`);
const referencePattern = /^([^/@]*\/[^/@]*)(?:@([^/]+))?(?:\/(.+))?$/;

/**
 * Reads `OWNER/NAME`, and behind it `@REVISION` and `/FILE` if they are given.
 *
 * @example
 * const { repo, revision, file } = hubReference("someone/cifar10-at-awp@v2/model.safetensors");
 * @throws ArgumentError for anything else
 * @example
 * const { repo, revision, file } = hubReference("someone/cifar10-at-awp@main/model.safetensors");
 */
export function hubReference(text: string): HubReference {
  const [, repo = "", revision = "main", file] = referencePattern.exec(text) ?? [];
  const meant = isRepo(repo) && !revision.startsWith(".") && !(file ?? "").split("/").includes("..");
  if (!meant) throw new ArgumentError("hf", text, "OWNER/NAME, OWNER/NAME@REVISION or OWNER/NAME/FILE");
  return { repo, revision, file };
}

/**
 * Throws an ArgumentError unless the text is the name of a model on the hub, `OWNER/NAME`.
 *
 * @example
 * requireRepo("someone/cifar10-at-awp");
 */
export function requireRepo(repo: string): void {
  if (!isRepo(repo)) throw new ArgumentError("repo", repo, "OWNER/NAME, of letters, digits, -, _ and .");
}

function isRepo(repo: string): boolean {
  return repoPattern.test(repo) && !/--|\.\.|\.git$/.test(repo);
}
