import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { AwpError } from "@awp/core";

/* Where the hub is and who asks, by the variables and files that its own tools have. */

/** The address of the hub: `HF_ENDPOINT`, else the public one. */
export function hubUrl(): string {
  return (process.env["HF_ENDPOINT"] || "https://huggingface.co").replace(/\/+$/, "");
}

/** Whether `HF_HUB_OFFLINE` asks for what is cached alone. */
export function isOffline(): boolean {
  return /^(1|on|yes|true)$/i.test(process.env["HF_HUB_OFFLINE"] ?? "");
}

/**
 * The user's token: `HF_TOKEN`, else the file that `hf auth login` writes; undefined where there is none.
 *
 * @throws AwpError that says where it stands, and not what it is, if it is none of the hub's
 */
export async function hubToken(): Promise<string | undefined> {
  const given = process.env["HF_TOKEN"]?.trim();
  if (given) return requireToken(given, "HF_TOKEN");
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const home = process.env["HF_HOME"] || join(cache, "huggingface");
  const file = process.env["HF_TOKEN_PATH"] || join(home, "token");
  const kept = (await readFile(file, "utf8").catch(() => "")).trim();
  return kept === "" ? undefined : requireToken(kept, file);
}

function requireToken(token: string, where: string): string {
  if (/^hf_\w+$/.test(token)) return token;
  throw new AwpError(`${where}: no token of the Hugging Face hub, which begins with hf_`);
}
