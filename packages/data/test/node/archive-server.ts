import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface ArchiveServer {
  readonly url: string;
  /** The `range` header of each request so far. */
  readonly requests: (string | undefined)[];
  /** Cuts the connection of the next request after so many bytes. */
  cutAfter(bytes: number): void;
}

/** Serves `content` on 127.0.0.1 for the time of a test, with byte ranges unless told otherwise. */
export async function archiveServer(
  content: Buffer,
  { ranges = true }: { readonly ranges?: boolean } = {},
): Promise<ArchiveServer> {
  const requests: (string | undefined)[] = [];
  let cut = Infinity;
  const server = createServer((request, response) => {
    requests.push(request.headers.range);
    const start = ranges ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0) : 0;
    if (start >= content.length) return void response.writeHead(416).end();
    const body = content.subarray(start);
    const range = { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` };
    response.writeHead(start > 0 ? 206 : 200, { "content-length": body.length, ...(start > 0 && range) });
    if (cut >= body.length) return void response.end(body);
    response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
    cut = Infinity;
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/archive.tar.gz`,
    requests,
    cutAfter: (bytes) => {
      cut = bytes;
    },
  };
}
