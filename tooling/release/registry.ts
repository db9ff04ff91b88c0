import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { end, run, start } from "./command";

/** A registry that is served on this machine. */
export interface Registry {
  readonly url: string;
  /** A project's `.npmrc`: `@awp/*` is from here, all else from where it always is. */
  readonly npmrc: string;
  stop(): void;
}

const verdaccio = "6.8.0";
/** Its plugin for audits asks for node-fetch by the tag `cjs`, which mirrors of npm's registry need not have. */
const manifest = { private: true, dependencies: { verdaccio }, overrides: { "node-fetch": "2.7.0" } };
/** Knows nothing but what is published to it: all other packages come from where the user's npm is told to get them. */
const configuration = `storage: ./storage
auth: { htpasswd: { file: ./htpasswd, max_users: -1 } }
packages: { "@awp/*": { access: $all, publish: $all } }
max_body_size: 100mb
web: { enable: false }
log: { type: stdout, format: pretty, level: error }
`;

/** Starts verdaccio on a free port, with its storage in `folder`; its program is kept in `cache`. */
export async function startRegistry(folder: string, cache: string): Promise<Registry> {
  const program = await installed(cache);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.yaml"), configuration);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const listen = ["--config", "config.yaml", "--listen", `127.0.0.1:${port}`];
  const server = start(process.execPath, ["--no-warnings", program, ...listen], { cwd: folder });
  const said: string[] = [];
  for (const stream of [server.stdout, server.stderr]) stream?.on("data", (chunk) => said.push(String(chunk)));
  await answer(`${url}-/ping`, () => {
    if (server.exitCode !== null) throw new Error(`verdaccio ended:\n${said.join("")}`);
  });
  // npm does not publish without a token; this registry takes any.
  const npmrc = `@awp:registry=${url}\n//127.0.0.1:${port}/:_authToken=rehearsal\n`;
  return { url, npmrc, stop: () => end(server) };
}

/** The program of verdaccio: in `cache`, where it is put at the first use. */
async function installed(cache: string): Promise<string> {
  const folder = join(cache, `verdaccio-${verdaccio}`);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const fresh = mkdtempSync(join(cache, "fresh-"));
    try {
      writeFileSync(join(fresh, "package.json"), JSON.stringify(manifest));
      await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: fresh });
      renameSync(fresh, folder); // whole or not at all
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  return join(folder, "node_modules/verdaccio/bin/verdaccio");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function answer(url: string, check: () => void): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    check();
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // not yet
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no answer from ${url} for 30 s`);
}
