import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeSafetensors, type Images, networkEntries, random, uniform } from "@awp/core";
import type { HubRequest } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test, vi } from "vitest";
import { disposeNetwork, smallCnn } from "../../../src";
import { fetchFromHub, fromHub, type HubConfig, hubFiles, pushToHub } from "../../../src/node";
import { standInHub } from "./hub";

const repo = "someone/small-robust";
const config: HubConfig = {
  ...{ network: "small-cnn", classNames: ["cat", "dog", "ship"], size: 8, channels: 3 },
  normalization: { mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.5] },
};
const card = { repo, dataset: { name: "Animals", split: "test" }, results: [] };
const network = () => smallCnn({ classes: 3, stride: 1, random: random(7) });

async function weights(): Promise<Uint8Array> {
  const net = network();
  const bytes = encodeSafetensors(await networkEntries(net));
  disposeNetwork(net);
  return bytes;
}

async function pushed(): Promise<void> {
  const net = network();
  await pushToHub(repo, await hubFiles(net, config, card), { message: "first" });
  disposeNetwork(net);
}

/** Whether the content is asked for, and not its size alone. */
const isDownload = ({ path, range }: HubRequest): boolean => path.includes("/resolve/") && range !== "bytes=0-0";

describe("a network that is pushed to the hub", () => {
  test("is there in one commit, large files by LFS, and comes back as it was", async () => {
    const hub = await standInHub();
    await pushed();
    const [, commit, another] = hub.repos.get(repo)!.commits;
    expect(another).toBeUndefined();
    expect(commit!.title).toBe("first");
    expect([...commit!.files].map(([path, { large }]) => [path, large])).toEqual([
      [".gitattributes", false],
      ["model.safetensors", true],
      ["config.json", false],
      ["README.md", false],
    ]);
    expect(hub.repos.get(repo)!.visibility).toBeUndefined();

    const before = tf.memory().numTensors;
    const model = await fromHub(repo);
    expect(model).toMatchObject({ config, commit: commit!.oid });
    const net = network();
    const [same, x] = [net, uniform(random(1), [2, 8, 8, 3]) as Images];
    // (x − mean) / std, worked out by hand.
    const scaled = tf.tidy(() => tf.div(tf.sub(x, [0.4, 0.5, 0.6]), [0.2, 0.25, 0.5])) as Images;
    const [found, wanted] = [model.network.forward(x, "eval"), same.forward(scaled, "eval")];
    const difference = tf.tidy(() => tf.max(tf.abs(tf.sub(found, wanted))));
    expect((await difference.data())[0]).toBeLessThan(1e-5);
    tf.dispose([x, scaled, found, wanted, difference]);
    for (const each of [model.network, net]) disposeNetwork(each);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("goes into a model that is there already, and is private if it is made so", async () => {
    const hub = await standInHub();
    hub.put(repo, { "notes.txt": "mine" });
    await pushed();
    expect([...hub.repos.get(repo)!.commits.at(-1)!.files.keys()]).toContain("notes.txt");
    await pushToHub("someone/secret", { "README.md": "#" }, { private: true });
    expect(hub.repos.get("someone/secret")!.visibility).toBe("private");
    expect((await fetchFromHub("someone/secret/README.md")).commit).toMatch(/^[0-9a-f]{40}$/);
    vi.stubEnv("HF_TOKEN", "");
    await expect(fetchFromHub("someone/secret")).rejects.toThrow(/^hf:someone\/secret: the hub answered 401.*HF_TOKEN/);
  });

  test("lies in the cache as the hub's own tools lay it", async () => {
    const hub = await standInHub();
    await pushed();
    const { file, commit } = await fetchFromHub(repo);
    const folder = join(hub.cache, "models--someone--small-robust");
    expect(file).toBe(join(folder, "snapshots", commit, "model.safetensors"));
    expect(await readFile(join(folder, "refs", "main"), "utf8")).toBe(commit);
    const sha256 = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
    expect(await readlink(file)).toBe(join("..", "..", "blobs", sha256));
    expect((await readdir(join(folder, "blobs"))).sort().map((name) => name.length)).toContain(40);
  });
});

describe("what is cached", () => {
  test("is not fetched again, and a new commit is", async () => {
    const hub = await standInHub();
    await pushed();
    const first = await fetchFromHub(repo);
    const asked = hub.requests.filter(isDownload).length;
    expect(await fetchFromHub(repo)).toEqual(first);
    expect(hub.requests.filter(isDownload)).toHaveLength(asked);
    hub.put(repo, { "config.json": '{"library_name": "transformers"}' });
    const second = await fetchFromHub(repo);
    expect(second.commit).not.toBe(first.commit);
    expect(second.config).toBeUndefined();
    expect((await fetchFromHub(`${repo}@${first.commit}`)).config).toEqual(config);
  });

  test("is what there is without the hub", async () => {
    const hub = await standInHub();
    await pushed();
    const first = await fetchFromHub(repo);
    vi.stubEnv("HF_HUB_OFFLINE", "1");
    const asked = hub.requests.length;
    expect(await fetchFromHub(repo)).toEqual(first);
    expect(await fetchFromHub(`${repo}@${first.commit}`)).toEqual(first);
    await expect(fetchFromHub(`${repo}/other.pt`)).rejects.toThrow("other.pt: not cached, and HF_HUB_OFFLINE is set");
    await expect(fetchFromHub("someone/else")).rejects.toThrow("nothing of the revision main is cached");
    expect(hub.requests).toHaveLength(asked);
    vi.stubEnv("HF_HUB_OFFLINE", "");
    vi.stubEnv("HF_ENDPOINT", "http://127.0.0.1:9");
    expect(await fetchFromHub(repo)).toEqual(first);
    expect(await fetchFromHub(`${repo}@${first.commit}`)).toEqual(first);
    await expect(fetchFromHub("someone/else")).rejects.toThrow("http://127.0.0.1:9 is not reached");
  });

  test("is fetched again where it is damaged", async () => {
    await standInHub();
    await pushed();
    const { file } = await fetchFromHub(repo);
    const whole = await readFile(file);
    await writeFile(file, whole.subarray(1));
    expect(Buffer.compare(await readFile((await fetchFromHub(repo)).file), whole)).toBe(0);
  });
});

describe("a model of somebody else's", () => {
  test("has the one file of weights in it, or the one that is named", async () => {
    const hub = await standInHub();
    hub.put("lab/one", { "nested/wrn.safetensors": await weights(), "config.json": "{}", "README.md": "#" });
    const { file, config: none } = await fetchFromHub("lab/one");
    expect([file.endsWith(join("nested", "wrn.safetensors")), none]).toEqual([true, undefined]);
    hub.put("lab/one", { "other.pt": "x" });
    await expect(fetchFromHub("lab/one")).rejects.toThrow(
      "hf:lab/one: which of its files? nested/wrn.safetensors, other.pt: name one, as hf:lab/one/nested/wrn.safetensors",
    );
    expect((await fetchFromHub("lab/one/other.pt")).file).toMatch(/other\.pt$/);
    await expect(fetchFromHub("lab/one/third.pt")).rejects.toThrow(/no file third\.pt in it; there are nested\/wrn/);
    hub.put("lab/none", { "README.md": "#" });
    await expect(fetchFromHub("lab/none")).rejects.toThrow("no .safetensors, .pt or .pth in it; there are README.md");
  });

  test("takes the network that is given", async () => {
    const hub = await standInHub();
    hub.put("lab/one", { "wrn.safetensors": await weights() });
    await expect(fromHub("lab/one")).rejects.toThrow(/no config\.json of awp in it.*give one as network/);
    const given = smallCnn({ classes: 3, stride: 1, random: random(8) });
    expect((await fromHub("lab/one", { network: given })).network).toBe(given);
    const entries = await networkEntries(given);
    expect(Buffer.compare(encodeSafetensors(entries), await weights())).toBe(0);
    disposeNetwork(given);
  });

  test("cannot write outside of the cache", async () => {
    const hub = await standInHub();
    hub.put("lab/evil", { "../../../../evil.safetensors": "x" });
    await expect(fetchFromHub("lab/evil")).rejects.toThrow(/evil\.safetensors": want a path inside/);
    expect(existsSync(join(hub.cache, "..", "evil.safetensors"))).toBe(false);
  });
});

describe("a download", () => {
  test("goes on where a broken connection stopped", async () => {
    const hub = await standInHub();
    const bytes = Buffer.alloc(300_000, "abc");
    hub.put("lab/large", { "large.safetensors": bytes });
    hub.fail(isDownload, { cutAfter: 100_000 });
    await expect(fetchFromHub("lab/large")).rejects.toThrow(/^hf:lab\/large\/large\.safetensors: /);
    const seen: number[] = [];
    const { file } = await fetchFromHub("lab/large", { onProgress: ({ bytes: done }) => seen.push(done) });
    expect(seen[0]).toBe(100_000);
    expect(seen.at(-1)).toBe(300_000);
    expect(hub.requests.filter(isDownload).at(-1)!.range).toBe("bytes=100000-299999");
    expect(Buffer.compare(await readFile(file), bytes)).toBe(0);
  });

  test("refuses bytes that are not those of the hash, and keeps nothing of them", async () => {
    const hub = await standInHub();
    hub.put("lab/large", { "large.safetensors": Buffer.alloc(1000, "a") });
    for (const [bytes, problem] of [
      [Buffer.alloc(1000, "b"), "other bytes than its hash says"],
      [Buffer.alloc(999, "a"), "999 bytes where 1000 are wanted"],
      [Buffer.alloc(1001, "a"), "1001 bytes where 1000 are wanted"],
    ] as const) {
      hub.fail(isDownload, { bytes });
      await expect(fetchFromHub("lab/large")).rejects.toThrow(problem);
      expect(await readdir(join(hub.cache, "models--lab--large", "blobs"))).toEqual([]);
    }
    expect((await readFile((await fetchFromHub("lab/large")).file)).length).toBe(1000);
  });

  test("ends with the reason of an abort", async () => {
    const hub = await standInHub();
    hub.put("lab/large", { "large.safetensors": Buffer.alloc(3_000_000, "a") });
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error("enough"));
    await expect(fetchFromHub("lab/large", { onProgress, signal: controller.signal })).rejects.toThrow("enough");
  });
});
