import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { publishablePackages } from "../publishable";
import { type CommandOptions, run } from "./command";
import type { Registry } from "./registry";

/** Whoever rehearses need not have told git who they are. */
const anonymous = {
  ...{ GIT_AUTHOR_NAME: "rehearsal", GIT_AUTHOR_EMAIL: "rehearsal@localhost" },
  ...{ GIT_COMMITTER_NAME: "rehearsal", GIT_COMMITTER_EMAIL: "rehearsal@localhost" },
  TURBO_TELEMETRY_DISABLED: "1",
};

/** A copy of the workspace in which a release can be tried. */
export class Workspace {
  readonly #folder: string;
  readonly #registry: Registry;

  private constructor(folder: string, registry: Registry) {
    this.#folder = folder;
    this.#registry = registry;
    appendFileSync(join(folder, ".npmrc"), `\n${registry.npmrc}`);
  }

  /** Copies what is committed and what is not yet, as a repository of its own, and borrows what is installed. */
  static async copy(root: string, folder: string, registry: Registry): Promise<Workspace> {
    const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: root });
    const files = listed
      .toString()
      .split("\0")
      .filter((file) => file !== "" && existsSync(join(root, file)));
    for (const file of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      cpSync(join(root, file), join(folder, file));
    }
    borrowModules(root, folder);
    const workspace = new Workspace(folder, registry);
    await workspace.#run("git", ["init", "--quiet", "--initial-branch=main"]);
    await workspace.#commit("As it is");
    return workspace;
  }

  /** Takes what is built in the workspace at `root`. */
  takeBuild(root: string): void {
    for (const { directory, path } of publishablePackages(root)) {
      cpSync(join(path, "dist"), join(this.#folder, "packages", directory, "dist"), { recursive: true });
    }
  }

  /** Applies the pending changesets, as the pull request "Version packages" does, and returns the version they lead to. */
  async version(): Promise<string> {
    await this.#run("npm", ["run", "version", "--", "--prefer-offline"]);
    await this.#commit("Version packages");
    const versions = new Set(publishablePackages(this.#folder).map(({ path }) => manifestIn(path).version));
    if (versions.size !== 1) throw new Error(`want one version of all packages, got ${[...versions].join(", ")}`);
    return [...versions][0] as string;
  }

  /** Whether a changeset waits for its release. */
  get pending(): boolean {
    return readdirSync(join(this.#folder, ".changeset")).some((file) => file.endsWith(".md") && file !== "README.md");
  }

  /** A changeset for one package. */
  async change(name: string, bump: "patch" | "minor"): Promise<void> {
    writeFileSync(
      join(this.#folder, ".changeset/rehearsed.md"),
      `---\n"${name}": ${bump}\n---\n\nA rehearsed ${bump}.\n`,
    );
    await this.#commit(`Change ${name}`);
  }

  /** Builds, checks and publishes, as a maintainer's `npm run release`; or publishes what is built. */
  async release(build: boolean): Promise<void> {
    const [command, ...args] = build ? ["npm", "run", "release"] : ["npx", "--no-install", "changeset", "publish"];
    const environment = {
      npm_config_registry: this.#registry.url, // whatever else is configured, nothing can go elsewhere
      NPM_CONFIG_PROVENANCE: "false", // there is nobody here to vouch for it
    };
    await this.#run(command as string, args, environment);
  }

  /** Throws where a package has no changelog of the version, or asks for another of ours by a range that misses it. */
  inspect(version: string): void {
    const problems = publishablePackages(this.#folder).flatMap(({ name, path }) => {
      const changelog = join(path, "CHANGELOG.md");
      const { dependencies, peerDependencies, optionalDependencies } = manifestIn(path);
      const ranges = Object.entries({ ...dependencies, ...optionalDependencies })
        .filter(([other, range]) => other.startsWith("@awp/") && range !== `^${version}`)
        .map(([other, range]) => `${name} wants ${other} ${range}, not ^${version}`);
      const peers = Object.entries(peerDependencies ?? {})
        .filter(([other, range]) => other.startsWith("@awp/") && !range.startsWith("0."))
        .map(([other, range]) => `${name} has the peer ${other} ${range}, which says nothing`);
      const logged = existsSync(changelog) && readFileSync(changelog, "utf8").includes(`\n## ${version}\n`);
      return [...ranges, ...peers, ...(logged ? [] : [`${name} has no changelog of ${version}`])];
    });
    if (problems.length > 0) throw new Error(problems.join("; "));
  }

  async #commit(message: string): Promise<void> {
    await this.#run("git", ["add", "--all"]);
    await this.#run("git", ["commit", "--quiet", "--no-verify", "--no-gpg-sign", `--message=${message}`]);
  }

  #run(command: string, args: readonly string[], environment: CommandOptions["environment"] = {}): Promise<string> {
    return run(command, args, { cwd: this.#folder, environment: { ...anonymous, ...environment } });
  }
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function manifestIn(path: string): Manifest {
  return JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as Manifest;
}

/** Links to what is installed in the workspace at `root`; the packages themselves are the copy's. */
function borrowModules(root: string, folder: string): void {
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name === ".cache") continue;
    const [from, to] = [join(root, "node_modules", name), join(modules, name)];
    // Relative links, which lead to the copy's packages from there.
    if (name === "@awp") cpSync(from, to, { recursive: true, verbatimSymlinks: true });
    else symlinkSync(from, to, "junction");
  }
  for (const { directory, path } of publishablePackages(root)) {
    const own = join(path, "node_modules");
    if (existsSync(own)) symlinkSync(own, join(folder, "packages", directory, "node_modules"), "junction");
  }
}
