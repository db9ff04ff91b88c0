import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** One file on the hub, and whether it is a large one. */
export interface HubFile {
  readonly bytes: Buffer;
  readonly large: boolean;
}

/** What a request is answered with instead of what it asks for. */
export type HubFault =
  | { readonly status: number; readonly error?: string }
  /** The connection breaks after so many bytes of the answer. */
  | { readonly cutAfter: number }
  /** Other bytes. */
  | { readonly bytes: Buffer };

interface Download {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly fault: HubFault | undefined;
}

/** What the hub keeps by LFS. */
export const isLarge = (path: string): boolean => /\.(safetensors|pt|pth|png)$/.test(path);

/** What the hub lists of a file: a large one has git's name of its pointer, and beside it the hash of its content. */
export function entry([path, { bytes, large }]: readonly [string, HubFile]): object {
  const size = bytes.length;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const pointer = Buffer.from(`oid sha256:${sha256}\nsize ${size}\n`);
  const git = large ? pointer : bytes;
  const oid = createHash("sha1").update(`blob ${git.length}\0`).update(git).digest("hex");
  const lfs = { lfs: { oid: sha256, size, pointerSize: pointer.length } };
  return { type: "file", path, size, oid, ...(large ? lfs : {}) };
}

/** Answers with the bytes of a file, or the range of them that is asked for. */
export function content({ request, response, fault }: Download, bytes: Buffer): void {
  const sent = fault && "bytes" in fault ? fault.bytes : bytes;
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  const whole = first === undefined;
  const body = whole ? sent : sent.subarray(Number(first), Number(last) + 1);
  response.writeHead(whole ? 200 : 206, {
    ...{ "content-length": body.length, etag: '"etag"' },
    ...(whole ? {} : { "content-range": `bytes ${first}-${last}/${bytes.length}` }),
  });
  if (!fault || !("cutAfter" in fault)) return void response.end(body);
  response.write(body.subarray(0, fault.cutAfter), () => setTimeout(() => response.destroy(), 20));
}

export function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

export function refuse(response: ServerResponse, status: number, error: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error }));
}
