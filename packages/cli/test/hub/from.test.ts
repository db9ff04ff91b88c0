import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../temporary-folder";
import { awp } from "../written";
import { standInHub, writtenRun } from "./stand-in";

const repo = "someone/small-awp";

/** What the command says of each picture: how far its nearest boundary is, where it is classified correctly. */
async function report(data: string, ...args: readonly string[]) {
  const attack = ["--attack", "deepfool", "--norm", "l2", "--epsilon", "9", "--quiet", "--json"];
  const { code, stdout, stderr } = await awp("evaluate", ...args, "--data", data, "--backend", "wasm", ...attack);
  expect(code, stderr).toBe(0);
  const { perExample, model } = JSON.parse(stdout) as { perExample: unknown; model: Record<string, unknown> };
  return { perExample, model };
}

describe("a model of the hub", { timeout: 240_000 }, () => {
  test("is measured as the checkpoint that it was, which knows its network and scale from its run", async () => {
    const hub = await standInHub();
    const { training, last, pictures } = await writtenRun();
    const elsewhere = join(await temporaryFolder(), "weights.safetensors");
    await copyFile(last, elsewhere);
    const scale = ["--mean", "0.5,0.5,0.5", "--std", "0.5,0.5,0.5"];
    const wanted = await report(pictures, elsewhere, "--network", "small-cnn", ...scale);
    const plain = await report(pictures, elsewhere, "--network", "small-cnn");
    expect(plain.perExample, "the scale is seen in what is reported").not.toEqual(wanted.perExample);

    expect((await report(pictures, last)).perExample).toEqual(wanted.perExample);
    expect((await awp("push", training, repo)).code).toBe(0);
    const found = await report(pictures, "--from", `hf:${repo}`);
    expect(found.perExample).toEqual(wanted.perExample);
    expect(found.model).toMatchObject({ file: `hf:${repo}`, network: "small-cnn" });
    vi.stubEnv("HF_HUB_OFFLINE", "1");
    const asked = hub.requests.length;
    expect((await report(pictures, `hf:${repo}@${hub.repos.get(repo)!.commits.at(-1)!.oid}`)).perExample).toEqual(
      wanted.perExample,
    );
    expect(hub.requests).toHaveLength(asked);
  });

  test("of somebody else's wants --network, and is measured by landscape and sharpness too", async () => {
    const hub = await standInHub();
    const { last, pictures } = await writtenRun();
    hub.put("lab/nets", { "a.safetensors": await readFile(last), "b.safetensors": "x" });
    const both = await awp("evaluate", "hf:lab/nets", "--data", pictures, "--backend", "cpu");
    expect([both.code, both.stderr]).toEqual([1, expect.stringContaining("which of its files? a.safetensors, b.saf")]);
    const other = ["--data", pictures, "--backend", "wasm", "--network", "small-cnn"];
    const { model } = await report(pictures, "hf:lab/nets/a.safetensors", "--network", "small-cnn");
    expect(model).toMatchObject({ network: "small-cnn", file: "hf:lab/nets/a.safetensors" });
    const json = join(await temporaryFolder(), "landscape.json");
    const drawn = ["--alphas", "0,1", "--attack", "none", "--json", json];
    const landscape = await awp("landscape", "hf:lab/nets/a.safetensors", ...other, ...drawn);
    expect(landscape.code, landscape.stderr).toBe(0);
    expect(landscape.stdout).toContain("hf:lab/nets/a.safetensors\n");
    const few = ["--attack", "none", "--gamma", "0.01", "--steps", "1", "--samples", "0", "--eigenvalues", "0"];
    const sharpness = await awp("sharpness", "--from", "hf:lab/nets/a.safetensors", ...other, ...few);
    expect(sharpness.code, sharpness.stderr).toBe(0);
  });

  test.each([
    [["hf:resnet"], 2, 'hf: got "resnet", want OWNER/NAME'],
    [["--from", "model.safetensors"], 2, "--from is model.safetensors, want hf:OWNER/NAME"],
    [["model.safetensors", "--from", "hf:a/b"], 2, "--from names a model, and model.safetensors another"],
    [["hf:a/b"], 1, "hf:a/b: the hub answered 404"],
  ])("is refused where %j is none", async (args, code, message) => {
    await standInHub();
    const folder = await temporaryFolder();
    const refused = await awp("evaluate", ...args, "--data", folder, "--backend", "cpu");
    expect([refused.code, refused.stderr]).toEqual([code, expect.stringContaining(message)]);
  });
});
