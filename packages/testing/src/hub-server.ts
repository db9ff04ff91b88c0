import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { content, entry, type HubFault, type HubFile, isLarge, json, refuse } from "./hub-answers";

interface HubCommit {
  readonly oid: string;
  readonly title: string;
  readonly files: ReadonlyMap<string, HubFile>;
}

interface HubRepo {
  readonly visibility: string | undefined;
  /** The newest last. */
  readonly commits: HubCommit[];
}

/** A request as the hub has seen it. */
export interface HubRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

/** A request, by its method and path or by all of it. */
export type HubMatch = RegExp | ((request: HubRequest) => boolean);

/** A stand-in for the Hugging Face hub on this machine: the part that its client asks for models. */
export interface HubServer {
  readonly url: string;
  readonly token: string;
  readonly requests: readonly HubRequest[];
  readonly repos: ReadonlyMap<string, HubRepo>;
  /** Adds a commit as somebody else would, and returns its name. */
  put(repo: string, files: Readonly<Record<string, string | Uint8Array>>, visibility?: string): string;
  /** Has the next request that matches go wrong. */
  fail(request: HubMatch, fault: HubFault): void;
  /** Ends it; nobody is answered any more. */
  close(): Promise<void>;
}

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  readonly match: readonly string[];
  readonly fault: HubFault | undefined;
}

/** Starts a hub on 127.0.0.1; close it at the end. */
export async function hubServer(): Promise<HubServer> {
  const token = "hf_standin";
  const requests: HubRequest[] = [];
  const repos = new Map<string, HubRepo>();
  const stored = new Map<string, Buffer>();
  const faults: { readonly request: HubMatch; readonly fault: HubFault }[] = [];
  let commits = 0;
  let url = "";

  const commit = (repo: string, title: string, files: ReadonlyMap<string, HubFile>): string => {
    const oid = createHash("sha1")
      .update(`${repo} ${(commits += 1)}`)
      .digest("hex");
    (repos.get(repo) as HubRepo).commits.push({ oid, title, files });
    return oid;
  };
  const newest = (repo: string): ReadonlyMap<string, HubFile> => repos.get(repo)?.commits.at(-1)?.files ?? new Map();

  /** The commit that is asked for, if it is there and whoever asks may see it. */
  const seen = ({ request, response }: Asked, repo: string, revision: string): HubCommit | undefined => {
    const found = repos.get(repo);
    const mayRead = found?.visibility !== "private" || isUser(request);
    if (found === undefined || !mayRead)
      return void refuse(response, isUser(request) ? 404 : 401, "Repository not found");
    const meant = ["main", "HEAD"].includes(revision) ? found.commits.at(-1) : undefined;
    const named = meant ?? found.commits.find(({ oid }) => oid === revision);
    if (named === undefined) return void refuse(response, 404, `Invalid rev id: ${revision}`);
    return named;
  };
  const isUser = ({ headers }: IncomingMessage): boolean => headers.authorization === `Bearer ${token}`;

  const routes: readonly (readonly [RegExp, (asked: Asked) => void])[] = [
    [
      /^POST \/api\/repos\/create$/,
      ({ response, body }) => {
        const { organization, name, visibility } = JSON.parse(String(body)) as Record<string, string | undefined>;
        const repo = `${organization}/${name}`;
        if (repos.has(repo)) return refuse(response, 409, "You already created this model repo");
        repos.set(repo, { visibility, commits: [] });
        commit(repo, "initial commit", new Map([[".gitattributes", { bytes: Buffer.from(""), large: false }]]));
        json(response, { url: `${url}/${repo}`, id: repo });
      },
    ],
    [
      /^POST \/api\/models\/([^/]+\/[^/]+)\/preupload\/main$/,
      ({ response, body }) => {
        const { files } = JSON.parse(String(body)) as { files: { path: string }[] };
        const uploadMode = (path: string): string => (isLarge(path) ? "lfs" : "regular");
        json(response, { files: files.map(({ path }) => ({ path, uploadMode: uploadMode(path) })) });
      },
    ],
    [
      /^POST \/([^/]+\/[^/]+)\.git\/info\/lfs\/objects\/batch$/,
      ({ response, body }) => {
        const { objects } = JSON.parse(String(body)) as { objects: { oid: string; size: number }[] };
        const upload = (oid: string) => ({ actions: { upload: { href: `${url}/lfs/${oid}`, header: {} } } });
        const answer = objects.map(({ oid, size }) => ({ oid, size, ...(stored.has(oid) ? {} : upload(oid)) }));
        json(response, { transfer: "basic", objects: answer });
      },
    ],
    [
      /^PUT \/lfs\/(\w+)$/,
      ({ response, body, match: [, oid = ""] }) => {
        if (createHash("sha256").update(body).digest("hex") !== oid) return refuse(response, 400, "wrong hash");
        stored.set(oid, body);
        response.end();
      },
    ],
    [
      /^POST \/api\/models\/([^/]+\/[^/]+)\/commit\/main$/,
      ({ response, body, match: [, repo = ""] }) => {
        const files = new Map(newest(repo));
        let title = "";
        for (const line of String(body).split("\n")) {
          const { key, value } = JSON.parse(line) as { key: string; value: Record<string, string> };
          const path = value["path"] as string;
          if (key === "header") title = value["summary"] as string;
          if (key === "file")
            files.set(path, { bytes: Buffer.from(value["content"] as string, "base64"), large: false });
          if (key === "lfsFile") files.set(path, { bytes: stored.get(value["oid"] as string) as Buffer, large: true });
        }
        const commitOid = commit(repo, title, files);
        json(response, { success: true, commitOid, commitUrl: `${url}/${repo}/commit/${commitOid}`, hookOutput: "" });
      },
    ],
    [
      /^GET \/api\/models\/([^/]+\/[^/]+)\/revision\/([^/?]+)/,
      (asked) => {
        const [, repo = "", revision = ""] = asked.match;
        const found = seen(asked, repo, revision);
        if (found === undefined) return;
        const private_ = repos.get(repo)?.visibility === "private";
        json(asked.response, { _id: "1", id: repo, private: private_, lastModified: "2026-01-01", sha: found.oid });
      },
    ],
    [
      /^GET \/api\/models\/([^/]+\/[^/]+)\/tree\/([^/?]+)/,
      (asked) => {
        const found = seen(asked, asked.match[1] as string, asked.match[2] as string);
        if (found) json(asked.response, [...found.files].map(entry));
      },
    ],
    [
      /^POST \/api\/models\/([^/]+\/[^/]+)\/paths-info\/([^/?]+)/,
      (asked) => {
        const found = seen(asked, asked.match[1] as string, asked.match[2] as string);
        const { paths } = JSON.parse(String(asked.body)) as { paths: string[] };
        if (found) json(asked.response, [...found.files].filter(([path]) => paths.includes(path)).map(entry));
      },
    ],
    [
      /^GET \/([^/]+\/[^/]+)\/resolve\/([^/?]+)\/(.+)$/,
      (asked) => {
        const found = seen(asked, asked.match[1] as string, asked.match[2] as string);
        const file = found?.files.get(decodeURIComponent(asked.match[3] as string));
        if (found && file === undefined) return refuse(asked.response, 404, "Entry not found");
        if (file) content(asked, file.bytes);
      },
    ],
  ];

  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const asked = `${request.method} ${request.url}`;
      const { authorization, range } = request.headers;
      const seen = { method: request.method as string, path: request.url as string, authorization, range };
      requests.push(seen);
      const index = faults.findIndex(({ request: match }) =>
        typeof match === "function" ? match(seen) : match.test(asked),
      );
      const fault = index < 0 ? undefined : faults.splice(index, 1)[0]?.fault;
      if (fault && "status" in fault) return refuse(response, fault.status, fault.error ?? "refused");
      if (
        request.method !== "GET" &&
        !asked.includes("/paths-info/") &&
        !asked.startsWith("PUT /lfs/") &&
        !isUser(request)
      ) {
        return refuse(response, 401, "Invalid username or password.");
      }
      for (const [pattern, answer] of routes) {
        const match = pattern.exec(asked);
        if (match !== null) return answer({ request, response, body, match, fault });
      }
      refuse(response, 404, `nothing at ${asked}`);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ url, token, requests, repos },
    put(repo, files, visibility) {
      if (!repos.has(repo)) repos.set(repo, { visibility, commits: [] });
      const added = Object.entries(files).map(([path, value]) => {
        return [path, { bytes: Buffer.from(value), large: isLarge(path) }] as const;
      });
      return commit(repo, "put", new Map([...newest(repo), ...added]));
    },
    fail: (request, fault) => void faults.push({ request, fault }),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
