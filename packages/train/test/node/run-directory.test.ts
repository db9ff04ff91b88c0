import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AwpError } from "@awp/core";
import { afterAll, describe, expect, it } from "vitest";
import { runDirectory } from "../../src/node";
import { temporaryFolders } from "../toy-training";

const folders = temporaryFolders();
afterAll(() => folders.remove());

const names = ["model.safetensors", "optimizer.safetensors", "state.json"];
const at = (epochs: number, step = 0) => ({ epochs, step });
const filesOf = (text: string) => new Map(names.map((name) => [name, new TextEncoder().encode(`${text} ${name}`)]));
const textsOf = (files: ReadonlyMap<string, Uint8Array> | undefined) =>
  [...(files ?? [])].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]);

describe("runDirectory", () => {
  it("makes nothing before the first write", async () => {
    const path = join(folders.make(), "run");
    const store = runDirectory(path);
    expect(await store.holdsRun()).toBe(false);
    expect(await store.newest()).toBeUndefined();
    await store.cutBack(at(0));
    expect(existsSync(path)).toBe(false);
    await store.appendMetrics('{"epoch":0}');
    expect(readFileSync(join(path, "metrics.jsonl"), "utf8")).toBe('{"epoch":0}\n');
    expect(await store.holdsRun()).toBe(true);
  });

  it("returns the newest checkpoint with its files, beyond four digits too", async () => {
    const store = runDirectory(folders.make());
    for (const epochs of [9999, 10000, 2]) await store.write("checkpoint", at(epochs), filesOf(`${epochs}`));
    const newest = await store.newest();
    expect(newest?.position).toEqual(at(10000));
    expect(textsOf(newest?.files)).toEqual(names.map((name) => [name, `10000 ${name}`]));
  });

  it("passes over an incomplete checkpoint, and throws when there is no other", async () => {
    const path = folders.make();
    const store = runDirectory(path);
    mkdirSync(join(path, "checkpoints", "epoch-0003"), { recursive: true });
    await expect(store.newest()).rejects.toThrow(AwpError);
    await expect(store.newest()).rejects.toThrow("no checkpoint has all of model.safetensors");
    await store.write("checkpoint", at(1), filesOf("1"));
    expect((await store.newest())?.position).toEqual(at(1));
  });

  it("prunes to the newest checkpoints and the last best epoch, and cuts back to an epoch", async () => {
    const path = folders.make();
    const store = runDirectory(path, { keep: 2 });
    for (const epochs of [1, 2, 3, 4]) await store.write("checkpoint", at(epochs), filesOf(`${epochs}`));
    for (const epochs of [1, 2, 4]) await store.write("best", at(epochs), filesOf(`${epochs}`));
    for (const epoch of [0, 1, 2, 3]) await store.appendMetrics(JSON.stringify({ epoch }));
    await store.prune({ best: undefined, back: at(0) });
    expect(readdirSync(join(path, "best"))).toHaveLength(3);
    await store.prune({ best: at(2), back: at(0) });
    expect(readdirSync(join(path, "checkpoints"))).toEqual(["epoch-0003", "epoch-0004"]);
    expect(readdirSync(join(path, "best"))).toEqual(["epoch-0002", "epoch-0004"]);
    await store.cutBack(at(3));
    expect(readdirSync(join(path, "checkpoints"))).toEqual(["epoch-0003"]);
    expect(readdirSync(join(path, "best"))).toEqual(["epoch-0002"]);
    expect(readFileSync(join(path, "metrics.jsonl"), "utf8")).toBe('{"epoch":0}\n{"epoch":1}\n{"epoch":2}\n');
  });

  it("files a place within an epoch after its start, and drops it once there is a newer checkpoint", async () => {
    const path = folders.make();
    const store = runDirectory(path, { keep: 2 });
    const held = (): string[] => readdirSync(join(path, "checkpoints")).sort();
    for (const [epochs, step] of [[2], [3, 7], [3, 120], [3]] as const) {
      await store.write("checkpoint", at(epochs, step), filesOf(`${epochs}`));
    }
    expect((await store.newest())?.position).toEqual(at(3, 120));
    await store.prune({ best: undefined, back: at(0) });
    expect(held()).toEqual(["epoch-0003", "epoch-0003-step-00120"]);
    await store.write("best", at(4), filesOf("4"));
    await store.cutBack(at(3, 119));
    expect(held()).toEqual(["epoch-0003"]);
    expect(readdirSync(join(path, "best"))).toEqual([]);
    for (const [epochs, step] of [[3, 121], [4]] as const)
      await store.write("checkpoint", at(epochs, step), filesOf("4"));
    await store.prune({ best: undefined, back: at(0) });
    expect(held()).toEqual(["epoch-0003", "epoch-0004"]);
  });

  it("refuses no path, and keeping no checkpoint", () => {
    expect(() => runDirectory("")).toThrow(expect.objectContaining({ argument: "path" }));
    expect(() => runDirectory("x", { keep: 0 })).toThrow(expect.objectContaining({ argument: "keep" }));
    expect(() => runDirectory("x", { keep: 1.5 })).toThrow(expect.objectContaining({ argument: "keep" }));
  });
});
