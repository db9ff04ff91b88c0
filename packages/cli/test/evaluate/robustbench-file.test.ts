import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { drain } from "@awp/core";
import { expect, onTestFinished, test } from "vitest";
import { downloadRobustBench, robustBenchPath } from "../../src/model/robustbench-file";
import { temporaryFolder } from "../temporary-folder";

const model = {
  name: "Some2020Model",
  dataset: "cifar10",
  threatModel: "linf",
  source: { googleDriveId: "abc" },
} as const;
const zip = Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(200_000, "z")]);

/** Serves one answer after the other, and notes the ranges that are asked for. */
async function server(...answers: ((response: ServerResponse) => void)[]) {
  const ranges: (string | undefined)[] = [];
  const started = createServer(({ headers }, response) => {
    ranges.push(headers.range);
    answers.shift()?.(response);
  });
  await new Promise<void>((ready) => started.listen(0, "127.0.0.1", ready));
  onTestFinished(() => {
    started.closeAllConnections();
    started.close();
  });
  return { url: `http://127.0.0.1:${(started.address() as AddressInfo).port}/`, ranges };
}

const page = (response: ServerResponse): unknown =>
  response.writeHead(200, { "content-type": "text/html" }).end("<!DOCTYPE html><title>Quota exceeded</title>");

test("a file goes on where a broken connection stopped, and appears whole", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, robustBenchPath(model));
  expect(robustBenchPath(model)).toBe(join("cifar10", "Linf", "Some2020Model.pt"));
  const { url, ranges } = await server(
    (response) => {
      response.writeHead(200, { "content-length": zip.length });
      response.write(zip.subarray(0, 70_000), () => setTimeout(() => response.destroy(), 20));
    },
    (response) => {
      const range = { "content-range": `bytes 70000-${zip.length - 1}/${zip.length}` };
      response.writeHead(206, range).end(zip.subarray(70_000));
    },
  );
  await expect(drain(downloadRobustBench(model, { path, url }))).rejects.toThrow(
    /stopped after 70000 bytes.*or fetch https:\/\/drive\.google\.com\/file\/d\/abc\/view by hand/,
  );
  expect(await readdir(join(folder, "cifar10", "Linf"))).toEqual(["Some2020Model.pt.part"]);
  await drain(downloadRobustBench(model, { path, url }));
  expect(ranges).toEqual([undefined, "bytes=70000-"]);
  expect(await readdir(join(folder, "cifar10", "Linf"))).toEqual(["Some2020Model.pt"]);
  expect(Buffer.compare(await readFile(path), zip)).toBe(0);
});

test.each<[string, (response: ServerResponse) => unknown, RegExp]>([
  [
    "a page",
    page,
    /the server sent no weights: .* is a web page: .*; fetch https:.*abc\/view by hand to .*Some2020Model\.pt$/,
  ],
  ["nothing", (response) => response.end(), /the server sent no weights: .* it is empty; fetch https:/],
  ["a text", (response) => response.end("not found"), /the server sent no weights: .* it is text; fetch https:/],
  ["a refusal", (response) => response.writeHead(403).end(), /answered 403.*by hand/],
])("%s is no model, is told with the address to fetch it from, and is not kept", async (_, answer, message) => {
  const folder = await temporaryFolder();
  const path = join(folder, "Some2020Model.pt");
  const { url } = await server(answer);
  await expect(drain(downloadRobustBench(model, { path, url }))).rejects.toThrow(message);
  expect(await readdir(folder)).toEqual([]);
});

test("a file that is nowhere wants one from the user", async () => {
  const path = join(await temporaryFolder(), "x.pt");
  const nowhere = { ...model, source: undefined };
  await expect(drain(downloadRobustBench(nowhere, { path }))).rejects.toThrow("give one by --weights FILE");
});
