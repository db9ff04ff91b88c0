import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HubServer, hubServer } from "@awp/testing";
import { onTestFinished, vi } from "vitest";

/** A stand-in hub that the environment leads to, with an empty cache, for the time of a test. */
export async function standInHub(): Promise<HubServer & { readonly cache: string }> {
  const cache = await mkdtemp(join(tmpdir(), "awp-hub-"));
  const hub = await hubServer();
  vi.stubEnv("HF_ENDPOINT", hub.url);
  vi.stubEnv("HF_HUB_CACHE", cache);
  vi.stubEnv("HF_HOME", join(cache, "home"));
  vi.stubEnv("HF_TOKEN", hub.token);
  vi.stubEnv("HF_TOKEN_PATH", "");
  vi.stubEnv("HF_HUB_OFFLINE", "");
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await hub.close();
    await rm(cache, { recursive: true });
  });
  return { ...hub, cache };
}
