import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { AwpError } from "@awp/core";
import { hubToken, hubUrl, isOffline } from "./access";
import { fetchBlob, hasHash } from "./blob";
import { hubClient } from "./client";
import type { HubReference } from "./reference";
import { hubError, isRefusal, reasonOf } from "./refusal";

/** How far the download of a file is. */
export interface HubProgress {
  readonly file: string;
  readonly bytes: number;
  readonly total: number;
}

export interface HubOptions {
  /** Told of a download after each piece. */
  readonly onProgress?: (progress: HubProgress) => void;
  readonly signal?: AbortSignal;
}

/** One revision of a model on the hub, or what is cached of it. */
export interface HubRepository {
  /** `hf:OWNER/NAME`, for messages. */
  readonly name: string;
  readonly commit: string;
  /** The paths of all files; of those that are cached where the hub is not reached. */
  files(): Promise<readonly string[]>;
  /** The path of a file on this machine, fetched unless it is there, and checked by its hash. */
  fetch(file: string): Promise<string>;
}

const commitPattern = /^[0-9a-f]{40}$/;

/**
 * A revision of a model on the hub. Files go where the hub's own tools keep theirs, by the same names, so that what either
 * has fetched both have.
 *
 * Without the hub (`HF_HUB_OFFLINE`, no connection) it is what is cached.
 *
 * @throws AwpError if the client is not installed, the hub refuses, or is not reached and nothing is cached
 */
export async function openRepository(
  { repo, revision }: Pick<HubReference, "repo" | "revision">,
  { onProgress, signal }: HubOptions = {},
): Promise<HubRepository> {
  const client = await hubClient();
  const name = `hf:${repo}`;
  const folder = join(client.getHFHubCachePath(), client.getRepoFolderName({ type: "model", name: repo }));
  const accessToken = await hubToken();
  const asked = { hubUrl: hubUrl(), fetch: fetchWith(signal), ...(accessToken !== undefined && { accessToken }) };
  const found = await commitOf();
  const { commit, online } = found;
  const snapshot = join(folder, "snapshots", commit);

  return {
    name,
    commit,
    files: () => (online ? listed() : filesIn(snapshot)),
    async fetch(file) {
      requireInside(name, file);
      const path = join(snapshot, ...file.split("/"));
      if (await isWhole(path)) return path;
      if (!online) throw new AwpError(`${name}/${file}: not cached, and ${found.reason}`);
      try {
        return await fetched(file, path);
      } catch (error) {
        signal?.throwIfAborted();
        throw hubError(`${name}/${file}`, error);
      }
    },
  };

  /** The commit of the revision, by the hub, else by what was found there the last time. */
  async function commitOf(): Promise<{ commit: string; online: boolean; reason: string }> {
    const ref = join(folder, "refs", revision);
    const known = commitPattern.test(revision) ? revision : (await readFile(ref, "utf8").catch(() => "")).trim();
    if (isOffline()) return cachedOnly("HF_HUB_OFFLINE is set");
    if (known === revision) return { commit: revision, online: true, reason: "" };
    try {
      const { sha } = await client.modelInfo({ ...asked, name: repo, revision, additionalFields: ["sha"] });
      if (!commitPattern.test(sha)) throw new AwpError(`${name}: the hub named no commit for ${revision}`);
      if (sha !== revision) {
        await mkdir(dirname(ref), { recursive: true });
        await writeFile(ref, sha);
      }
      return { commit: sha, online: true, reason: "" };
    } catch (error) {
      signal?.throwIfAborted();
      if (isRefusal(error) || AwpError.is(error)) throw hubError(name, error);
      return cachedOnly(`${hubUrl()} is not reached: ${reasonOf(error)}`);
    }

    function cachedOnly(reason: string): { commit: string; online: boolean; reason: string } {
      if (known !== "") return { commit: known, online: false, reason };
      throw new AwpError(`${name}: nothing of the revision ${revision} is cached, and ${reason}`);
    }
  }

  async function listed(): Promise<readonly string[]> {
    const paths: string[] = [];
    try {
      const entries = client.listFiles({ ...asked, repo, revision: commit, recursive: true });
      for await (const { type, path } of entries) if (type === "file") paths.push(path);
    } catch (error) {
      signal?.throwIfAborted();
      // A commit does not change: what is cached of it is good without the hub.
      if (!isRefusal(error) && existsSync(snapshot)) return filesIn(snapshot);
      throw hubError(name, error);
    }
    return paths;
  }

  async function fetched(file: string, path: string): Promise<string> {
    const [info] = await client.pathsInfo({ ...asked, repo, revision: commit, paths: [file] });
    const hash = info?.lfs?.oid ?? info?.oid;
    if (info === undefined || hash === undefined || info.type !== "file") {
      throw new AwpError(`${name}: no file ${file} in it; there are ${(await listed()).join(", ")}`);
    }
    const blob = { path: join(folder, "blobs", basename(hash)), hash, size: info.lfs?.size ?? info.size };
    await mkdir(dirname(blob.path), { recursive: true });
    if (!(await isWhole(blob.path))) {
      const content = await client.downloadFile({ ...asked, repo, revision: commit, path: file });
      if (content === null) throw new AwpError("it is not there any more");
      if (content.size !== blob.size) {
        throw new AwpError(`the hub has ${content.size} bytes where it says ${blob.size}: try again later`);
      }
      for await (const bytes of fetchBlob(blob, content)) {
        onProgress?.({ file, bytes, total: blob.size });
        signal?.throwIfAborted();
      }
    }
    await link(blob.path, path);
    return path;
  }
}

/** A repository names its files as it likes: none leads out of the cache. */
function requireInside(name: string, file: string): void {
  const inside = file.split("/").every((part) => part !== "" && part !== ".." && !/[\\:\0]/.test(part));
  if (!inside)
    throw new AwpError(`${name}: a file is called ${JSON.stringify(file)}: want a path inside the repository`);
}

/** Whether a cached file is there with the content that its name stands for; a damaged one is removed. */
async function isWhole(path: string): Promise<boolean> {
  const blob = await realpath(path).catch(() => undefined);
  if (blob === undefined) return false;
  if (await hasHash(blob, basename(blob))) return true;
  await rm(blob);
  return false;
}

/** Puts a blob into a snapshot under the file's own name, as the hub's tools do: by a relative link where there are links. */
async function link(blob: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await symlink(relative(dirname(path), blob), path).catch(() => copyFile(blob, path));
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

function fetchWith(signal: AbortSignal | undefined): typeof fetch {
  return signal === undefined ? fetch : (input, init) => fetch(input, { ...init, signal });
}
