import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { fetchFromHub, pushToHub } from "../../../src/node";
import { standInHub } from "./hub";

describe("the hub's refusals are told in one line:", () => {
  test.each([
    [401, /the hub answered 401: no; .*wants a token: set HF_TOKEN/],
    [403, /the hub answered 403: no; the token does not allow that/],
    [404, /the hub answered 404: no; there is no such model/],
    [503, /the hub answered 503: no; try again later/],
  ])("%i", async (status, message) => {
    const hub = await standInHub();
    hub.put("lab/one", { "wrn.safetensors": "x" });
    for (const request of [/\/revision\//, /\/tree\//, /\/paths-info\//, /\/resolve\//]) {
      hub.fail(request, { status, error: "no" });
      await expect(fetchFromHub("lab/one")).rejects.toThrow(message);
    }
    for (const request of [/\/repos\/create/, /\/preupload\//, /\/batch/, /^PUT /, /\/commit\//]) {
      hub.fail(request, { status, error: "no" });
      await expect(pushToHub("lab/two", { "wrn.safetensors": request.source })).rejects.toThrow(message);
    }
    expect(hub.repos.get("lab/two")?.commits ?? []).toHaveLength(1);
  });

  test("a revision that is not there, an answer that breaks off while a model is pushed", async () => {
    const hub = await standInHub();
    hub.put("lab/one", { "wrn.safetensors": "x" });
    await expect(fetchFromHub("lab/one@v2")).rejects.toThrow(/404: Invalid rev id: v2/);
    await hub.close();
    await expect(pushToHub("lab/one", { a: "b" })).rejects.toThrow(/^hf:lab\/one: fetch failed \(.*ECONNREFUSED/);
  });
});

describe("a token", () => {
  test("is sent to the hub, from the variable or the file of its own tools, and never told", async () => {
    const hub = await standInHub();
    hub.put("lab/one", { "wrn.safetensors": "x" });
    vi.stubEnv("HF_TOKEN", "");
    await expect(pushToHub("lab/one", { a: "b" })).rejects.toThrow("no token of the Hugging Face hub: set HF_TOKEN");
    await fetchFromHub("lab/one");
    expect(hub.requests.map(({ authorization }) => authorization)).not.toContain(`Bearer ${hub.token}`);
    const file = join(hub.cache, "home", "token");
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${hub.token}\n`);
    await pushToHub("lab/one", { a: "b" });
    expect(hub.requests.at(-1)!.authorization).toBe(`Bearer ${hub.token}`);
    vi.stubEnv("HF_TOKEN", "secret");
    const error = (await pushToHub("lab/one", { a: "b" }).catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toBe("HF_TOKEN: no token of the Hugging Face hub, which begins with hf_");
  });
});

test.each([
  "resnet",
  "a/b/../c",
  "a/b@",
  "/b",
  "a/",
  "a b/c",
  "a/b.git",
  "a--b/c",
  "a/b@../x/y",
  "https://huggingface.co/a/b",
])("%s is no model on the hub", async (name) => {
  await expect(fetchFromHub(name)).rejects.toThrow(/^hf: got .*want OWNER\/NAME/);
});

test("without the hub's client it is said what to install", async () => {
  vi.resetModules();
  vi.doMock("@huggingface/hub", () => {
    throw new Error("Cannot find package");
  });
  onTestFinished(() => {
    vi.doUnmock("@huggingface/hub");
    vi.resetModules();
  });
  const { hubClient } = await import("../../../src/node/hub/client");
  await expect(hubClient()).rejects.toThrow(/npm install @huggingface\/hub$/);
});
