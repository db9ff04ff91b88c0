import { once } from "node:events";
import { cpSync, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { extname, join } from "node:path";
import type { PublishablePackage } from "../../publishable";
import type { Project } from "../project";
import { attempt, notRun } from "../results";

/** The engine is an addon and the command a program: for Node alone. */
const nodeOnly = ["@awp/backend-torch", "@awp/cli"];
const browser = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".html": "text/html",
  ".wasm": "application/wasm",
};

const wasmFiles = "node_modules/@tensorflow/tfjs-backend-wasm/dist";
const isWasm = (path: string): boolean => path.endsWith(".wasm") || path.endsWith("dist");

/** Bundles page.js with webpack, as it comes; prints its warnings. */
const webpackProgram = `import webpack from "webpack";
const output = { path: new URL("webpack", import.meta.url).pathname, filename: "page.js", clean: true };
webpack({ mode: "production", entry: "./page.js", output }, (error, stats) => {
  if (error !== null || stats.hasErrors()) process.exitCode = 1;
  console.log(error ?? stats.toString({ all: false, errors: true, warnings: true }));
});
`;

/** Bundles a page that has every root with vite and with webpack, and opens it in a browser. */
export async function bundles(
  project: Project,
  packages: readonly PublishablePackage[],
  quick: boolean,
): Promise<void> {
  const names = packages.flatMap(({ name }) => (nodeOnly.includes(name) ? [] : [name]));
  const everyRoot = names.map((name, i) => `import * as root${i} from "${name}";`);
  const program = await readFile(join(project.folder, "page.js"), "utf8");
  project.write(
    "page.js",
    [...everyRoot, program, `globalThis.roots = [${names.map((_, i) => `root${i}`).join(", ")}];`].join("\n"),
  );
  const html = (script: string): string => `<!doctype html><meta charset="utf-8"><body>${script}</body>`;
  project.write("index.html", html('<script type="module" src="page.js"></script>'));

  await bundled("vite", () => project.run("npx", "--no-install", "vite", "build", "--outDir", "vite"));
  if (quick) return; // webpack takes minutes where vite takes seconds
  await bundled("webpack", async () => {
    project.write("webpack.mjs", webpackProgram);
    const said = await project.run("node", "webpack.mjs");
    project.write("webpack/index.html", html('<script defer src="page.js"></script>'));
    return said;
  });

  async function bundled(bundler: string, build: () => Promise<string>): Promise<void> {
    const built = await attempt("a page of every root", bundler, build);
    if (built === undefined) return;
    const folder = join(project.folder, bundler);
    // As the error of the backend says where they are not: a bundler leaves them behind.
    cpSync(join(project.folder, wasmFiles), folder, { recursive: true, filter: isWasm });
    for (const backend of ["cpu", "wasm"]) {
      const how = `${bundler}, ${backend}, ${browser}`;
      if (existsSync(browser)) await attempt("that page", how, () => open(project, folder, backend));
      else notRun("that page", how, "no such browser: apt-get install chromium, or set CHROMIUM_PATH");
    }
  }
}

/** Opens a page in a browser and waits for its result. */
async function open(project: Project, folder: string, backend: string): Promise<void> {
  const server = serve(folder);
  await once(server, "listening");
  try {
    const { port } = server.address() as { port: number };
    const options = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${folder}-profile`];
    const wait = ["--virtual-time-budget=30000", "--dump-dom"];
    const page = `http://127.0.0.1:${port}/index.html#${backend}`;
    const dom = await project.runAs({ limit: 120 }, browser, ...options, ...wait, page);
    const want = `result on ${backend}: [0.375, 0.625]`;
    if (!dom.includes(want)) throw new Error(`want "${want}", got:\n${dom}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function serve(folder: string): Server {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    readFile(join(folder, path)).then(
      (content) => response.setHeader("content-type", types[extname(path)] ?? "application/octet-stream").end(content),
      () => response.writeHead(404).end(),
    );
  });
  return server.listen(0, "127.0.0.1");
}
