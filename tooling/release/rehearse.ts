/**
 * A release, rehearsed: publishes the packages of this tree, as it is, to a registry on this machine by the commands of a
 * release, and uses them from there as strangers do. Prints a table; leaves nothing behind.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { publishablePackages } from "../publishable";
import { endAll, run } from "./command";
import { installAlone } from "./consumers/alone";
import { useEverything } from "./consumers/everything";
import { upgrade } from "./consumers/upgrade";
import { usePnpm } from "./consumers/pnpm";
import { startRegistry } from "./registry";
import type { Rehearsal } from "./rehearsal";
import { attempt, inParallel, notRun, printTable } from "./results";
import { Workspace } from "./workspace";

const usage = `npm run release:rehearse -- [--quick]

Publishes to a registry on this machine and uses the packages from there: every package alone, ES modules and CommonJS,
old and new TypeScript, Node 20, 22 and 24, vite and webpack, pnpm, the examples, an update. --quick is what
\`npm run check\` does: it takes the workspace's build and leaves out what takes long.
`;
const { values } = parseArgs({ options: { quick: { type: "boolean", default: false }, help: { type: "boolean" } } });

if (values.help === true) process.stdout.write(usage);
else {
  const folder = mkdtempSync(join(tmpdir(), "awp-rehearsal-"));
  const cleanUp = (): void => {
    endAll();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      cleanUp();
      process.exit(130);
    });
  }
  try {
    await rehearse(folder, values.quick);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    cleanUp();
  }
  if (!printTable()) process.exitCode = 1;
}

async function rehearse(folder: string, quick: boolean): Promise<void> {
  const root = join(import.meta.dirname, "../..");
  const cache = join(root, "node_modules/.cache/awp-rehearsal");
  const registry = await must("verdaccio", "on loopback", () => startRegistry(join(folder, "registry"), cache));
  const workspace = await must("a copy of the tree", "with its own git", () =>
    Workspace.copy(root, join(folder, "workspace"), registry),
  );
  const version = await must("npm run version", "what is pending", async () => {
    if (!workspace.pending) await workspace.change("@awp/core", "patch"); // right after a release
    return workspace.version();
  });
  await attempt("manifests and changelogs", version, () => Promise.resolve(workspace.inspect(version)));
  if (quick) {
    await must("npm run build", "in the workspace", () =>
      run("npx", ["--no-install", "turbo", "run", "build"], { cwd: root }),
    );
    workspace.takeBuild(root);
  }
  await must(quick ? "changeset publish" : "npm run release", version, () => workspace.release(!quick));

  const packages = publishablePackages(root);
  const rehearsal: Rehearsal = { root, folder, registry, packages, quick };
  const alone = packages.filter(({ name }) => !quick || ["@awp/core", "@awp/cli"].includes(name));
  await inParallel([
    () => useEverything(rehearsal),
    ...alone.map((each) => () => installAlone(rehearsal, each)),
    ...(quick ? [] : [() => usePnpm(rehearsal)]),
  ]);
  if (!quick) await upgrade(rehearsal, workspace, version);
  await attempt("npm run version", "a new feature of @awp/core", async () => {
    await workspace.change("@awp/core", "minor");
    const next = await workspace.version();
    const [major, minor] = version.split(".").map(Number) as [number, number];
    if (next !== `${major}.${minor + 1}.0`)
      throw new Error(`want ${major}.${minor + 1}.0 after ${version}, got ${next}`);
    workspace.inspect(next);
  });
  notRun(
    "@awp/backend-torch-linux-x64 and its like",
    "prebuilt addons",
    "they are made of binaries of other machines in the release workflow; npm run prebuilt:rehearse installs those at hand",
  );
  registry.stop();
}

/** Work without which nothing else can be tried. */
async function must<T>(program: string, how: string, work: () => Promise<T>): Promise<T> {
  let made: { readonly value: T } | undefined;
  await attempt(program, how, async () => {
    made = { value: await work() };
  });
  if (made === undefined) throw new Error(`${program} failed: nothing else can be tried`);
  return made.value;
}
