import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { drain, random } from "@awp/core";
import { hostUniform } from "@awp/core";
import { describe, expect, test } from "vitest";
import { cifar10, DataError, type DownloadEvent, downloadCifar10, downloadCifar100 } from "../../src/node";
import type { Archive } from "../../src/node/archive";
import { download } from "../../src/node/download";
import { archiveServer } from "./archive-server";
import { tarGz } from "./tar-archive";
import { temporaryFolder } from "./temporary-folder";

const folder = "cifar-10-batches-bin";
/** 100 records that do not compress: 307 kB. */
const batch = Uint8Array.from(hostUniform(random(0), 100 * 3073), (u, i) => (i % 3073 === 0 ? 7 : u * 256));
const content = tarGz({ [`${folder}/data_batch_1.bin`]: batch, [`${folder}/readme.html`]: Buffer.from("hello") });

function archive(url: string, bytes = content): Archive {
  const md5 = createHash("md5").update(bytes).digest("hex");
  return { url, md5, folder, landmark: /^data_batch_1\.bin$/ };
}

test("a download fetches, verifies and unpacks, and tells how far it is", async () => {
  const { url } = await archiveServer(content);
  const directory = join(await temporaryFolder(), "new");
  const events: DownloadEvent[] = [];
  const path = await drain(download(archive(url), { directory }), (event) => events.push(event));

  expect(path).toBe(join(directory, folder));
  expect(await readdir(directory)).toEqual([folder]);
  expect((await readdir(path)).sort()).toEqual(["data_batch_1.bin", "readme.html"]);
  expect(Buffer.compare(await readFile(join(path, "data_batch_1.bin")), batch)).toBe(0);
  expect([...(await cifar10({ directory })).labels]).toEqual(Array(100).fill(7));

  const fetched = events.flatMap((event) => (event.kind === "fetch" ? [event] : []));
  expect(fetched[0]).toEqual({ kind: "fetch", bytes: 0, total: content.length });
  expect(fetched.at(-1)).toEqual({ kind: "fetch", bytes: content.length, total: content.length });
  expect(fetched.map(({ bytes }) => bytes)).toEqual(fetched.map(({ bytes }) => bytes).sort((a, b) => a - b));
  expect(events.slice(-2)).toEqual([{ kind: "verify" }, { kind: "unpack" }]);
});

test("a download asks the server for nothing when the files are there", async () => {
  const { url, requests } = await archiveServer(content);
  const directory = await temporaryFolder();
  await writeFile(join(directory, "data_batch_1.bin"), batch);
  expect(await drain(download(archive(url), { directory }))).toBe(directory);
  expect(requests).toEqual([]);
});

describe("an interrupted download", () => {
  test("goes on where a broken connection stopped", async () => {
    const server = await archiveServer(content);
    const directory = await temporaryFolder();
    server.cutAfter(100_000);
    const error = await drain(download(archive(server.url), { directory })).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect((error as Error).message).toMatch(/stopped after 100000 bytes .*; start the download again/);
    expect(await readdir(directory)).toEqual(["archive.tar.gz.part"]);

    const events: DownloadEvent[] = [];
    await drain(download(archive(server.url), { directory }), (event) => events.push(event));
    expect(server.requests).toEqual([undefined, "bytes=100000-"]);
    expect(events[0]).toEqual({ kind: "fetch", bytes: 100_000, total: content.length });
    expect((await cifar10({ directory })).labels).toHaveLength(100);
    expect(await readdir(directory)).toEqual([folder]);
  });

  test("starts again where the server knows no ranges", async () => {
    const server = await archiveServer(content, { ranges: false });
    const directory = await temporaryFolder();
    server.cutAfter(100_000);
    await expect(drain(download(archive(server.url), { directory }))).rejects.toThrow(/stopped after 100000/);
    const events: DownloadEvent[] = [];
    await drain(download(archive(server.url), { directory }), (event) => events.push(event));
    expect(events[0]).toEqual({ kind: "fetch", bytes: 0, total: content.length });
    expect((await cifar10({ directory })).labels).toHaveLength(100);
  });

  test("unpacks a complete part without fetching it again", async () => {
    const { url } = await archiveServer(content);
    const directory = await temporaryFolder();
    await writeFile(join(directory, "archive.tar.gz.part"), content);
    const events: DownloadEvent[] = [];
    await drain(download(archive(url), { directory }), (event) => events.push(event));
    expect(events).toEqual([{ kind: "verify" }, { kind: "unpack" }]);
    expect(await readdir(directory)).toEqual([folder]);
  });

  test("throws the reason of an abort and keeps the part", async () => {
    const server = await archiveServer(content);
    const directory = await temporaryFolder();
    const controller = new AbortController();
    const abort = ({ kind, ...progress }: DownloadEvent): void => {
      if (kind === "fetch" && "bytes" in progress && progress.bytes > 0) controller.abort(new Error("enough"));
    };
    const { signal } = controller;
    await expect(drain(download(archive(server.url), { directory, signal }), abort)).rejects.toThrow("enough");
    expect(await readdir(directory)).toEqual(["archive.tar.gz.part"]);
    await drain(download(archive(server.url), { directory }));
    expect((await cifar10({ directory })).labels).toHaveLength(100);
  });

  test("leaves no half-written folder after an abort while it verifies or unpacks", async () => {
    for (const stage of ["verify", "unpack"]) {
      const { url } = await archiveServer(content);
      const directory = await temporaryFolder();
      const controller = new AbortController();
      const abort = ({ kind }: DownloadEvent): void => void (kind === stage && controller.abort(new Error("enough")));
      const events = download(archive(url), { directory, signal: controller.signal });
      await expect(drain(events, abort)).rejects.toThrow("enough");
      expect(await readdir(directory)).toEqual(["archive.tar.gz.part"]);
    }
  });

  test("keeps the part when its loop is left", async () => {
    const { url } = await archiveServer(content);
    const directory = await temporaryFolder();
    for await (const event of download(archive(url), { directory })) {
      if (event.kind === "fetch" && event.bytes > 0) break;
    }
    expect(await readdir(directory)).toEqual(["archive.tar.gz.part"]);
  });
});

describe("a download refuses", () => {
  test.each([
    ["CIFAR-10", downloadCifar10, "c32a1d4ab5d03f1284b67883e8d87530"],
    ["CIFAR-100", downloadCifar100, "03b5dce01913d631647c71ecec9e9cb8"],
  ])("a file that is not the official %s, and deletes it", async (_, official, md5) => {
    const { url } = await archiveServer(content);
    const directory = await temporaryFolder();
    const message = `${url}: the file's MD5 is ${archive(url).md5}, want ${md5}; it was deleted`;
    await expect(drain(official({ directory, url }))).rejects.toThrow(message);
    expect(await readdir(directory)).toEqual([]);
  });

  test("an address with nothing behind it", async () => {
    const directory = await temporaryFolder();
    await expect(drain(downloadCifar10({ directory, url: "http://127.0.0.1:1/x" }))).rejects.toThrow(
      /^http:\/\/127\.0\.0\.1:1\/x: the download stopped after 0 bytes/,
    );
    expect(await readdir(directory)).toEqual([]);
  });

  test.each(["../evil.bin", `${folder}/../../evil.bin`, "/evil.bin", "elsewhere/evil.bin", `${folder}/.evil`])(
    "an archive that would write %s",
    async (path) => {
      const bytes = tarGz({ [`${folder}/data_batch_1.bin`]: batch, [path]: Buffer.from("evil") });
      const { url } = await archiveServer(bytes);
      const directory = join(await temporaryFolder(), "inside");
      await expect(drain(download(archive(url, bytes), { directory }))).rejects.toThrow(/the archive holds .*evil/);
      expect(await readdir(directory)).toEqual(["archive.tar.gz.part"]);
      expect(await readdir(join(directory, ".."))).toEqual(["inside"]);
    },
  );
});
