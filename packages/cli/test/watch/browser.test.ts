import { rm } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { Script } from "node:vm";
import { describe, expect, onTestFinished, test } from "vitest";
import { writeStatus } from "../../src/runs/status-file";
import type { PageData } from "../../src/watch/page-data";
import { serve } from "../../src/watch/server";
import { metricsOf, write } from "../runs/written-run";
import { temporaryFolder } from "../temporary-folder";

const files = { "config.yaml": "methods: at\nepochs: 3\n", "at/seed-1/metrics.jsonl": metricsOf(1) };

/** A run and the address of its page; the server ends with the test. */
async function served() {
  const run = await temporaryFolder();
  await write(run, files);
  const controller = new AbortController();
  let ended: Promise<void> = Promise.resolve();
  const url = await new Promise<string>((resolve, reject) => {
    ended = serve(run, { port: 0, signal: controller.signal, onReady: resolve });
    ended.catch(reject);
  });
  onTestFinished(async () => {
    controller.abort();
    await ended;
  });
  return { run, url };
}

/** The messages of the page's events, one after the other. */
async function* messages(url: string): AsyncGenerator<{ readonly event: string; readonly data: unknown }> {
  const response = await fetch(`${url}events`);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const field = (name: string): string | undefined =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field("data");
      if (data !== undefined) yield { event: field("event") ?? "message", data: JSON.parse(data) as unknown };
    }
  }
}

async function next(events: AsyncGenerator<{ readonly event: string; readonly data: unknown }>) {
  const found = await events.next();
  if (found.done === true) throw new Error("the events have ended");
  return found.value;
}

const epochsOf = (data: unknown): number | undefined => (data as PageData).charts[0]?.series[0]?.length;

/** The status of an answer to a request with its own host and path, as `fetch` would not send them. */
function statusOf(url: string, path: string, { host, method = "GET" }: { host?: string; method?: string } = {}) {
  const { port } = new URL(url);
  return new Promise<number | undefined>((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    const asked = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on("error", reject).end();
  });
}

describe("the page of a run", () => {
  test("tells each of its clients of each change, and goes on through a new start of the training", async () => {
    const { run, url } = await served();
    const [one, other] = [messages(url), messages(url)];
    for (const events of [one, other]) expect(epochsOf((await next(events)).data)).toBe(1);
    await write(run, { "at/seed-1/metrics.jsonl": metricsOf(2) });
    for (const events of [one, other]) expect(epochsOf((await next(events)).data)).toBe(2);
    await rm(join(run, "config.yaml"));
    const trouble = await next(one);
    expect([trouble.event, trouble.data]).toEqual([
      "trouble",
      `${run}: no run; wanted one, such as runs/train-3, or a training in it, runs/train-3/at/seed-1`,
    ]);
    writeStatus(run, { state: "done", at: 0, trainings: {} });
    await write(run, files);
    const { data } = await next(one);
    expect([epochsOf(data), (data as PageData).state]).toEqual([1, "done"]);
    // Who comes late sees the run as it stands.
    expect(epochsOf((await next(messages(url))).data)).toBe(1);
  });

  test("is served to this machine by its name, and no file is", async () => {
    const { url } = await served();
    expect(new URL(url).hostname).toBe("127.0.0.1");
    expect(await statusOf(url, "/")).toBe(200);
    expect(await statusOf(url, "/", { host: "elsewhere.example" })).toBe(403);
    expect(await statusOf(url, "/", { method: "POST" })).toBe(403);
    for (const path of ["/config.yaml", "/../config.yaml", "/events/", "/?x"])
      expect(await statusOf(url, path)).toBe(404);
  });

  test("asks for nothing from outside, and its script is one", async () => {
    const { url } = await served();
    const response = await fetch(url);
    const page = await response.text();
    expect(page.match(/(src|href)="(?!data:,)[^"]*"|@import|url\(/g)).toBeNull();
    expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'sha256-/);
    const [, script = ""] = /<script>([\s\S]*)<\/script>/.exec(page) ?? [];
    expect(() => new Script(script)).not.toThrow();
    expect(script).not.toContain("innerHTML");
  });

  test("is refused on a port that is taken", async () => {
    const { run, url } = await served();
    const options = { port: Number(new URL(url).port), signal: AbortSignal.abort(), onReady: () => undefined };
    await expect(serve(run, options)).rejects.toThrow(/--port: .*EADDRINUSE/);
  });
});
