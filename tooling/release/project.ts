import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandOptions, run } from "./command";
import type { Registry } from "./registry";

/** A user's project, outside the workspace. */
export class Project {
  readonly folder: string;

  constructor(folder: string, registry: Registry) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.write("package.json", { name: "consumer", private: true });
    this.write(".npmrc", registry.npmrc);
  }

  /** `npm install` with these arguments. */
  async install(...args: readonly string[]): Promise<void> {
    await this.run("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", ...args);
  }

  /** Writes a file: text, or a value as JSON. */
  write(name: string, content: unknown): void {
    const text = typeof content === "string" ? content : JSON.stringify(content, null, 2);
    writeFileSync(join(this.folder, name), text);
  }

  /** Runs a command in the project and returns what it printed. */
  run(command: string, ...args: readonly string[]): Promise<string> {
    return this.runAs({}, command, ...args);
  }

  /** Runs a command in the project otherwise than as usual. */
  runAs(options: Partial<CommandOptions>, command: string, ...args: readonly string[]): Promise<string> {
    return run(command, args, { cwd: this.folder, environment: { INIT_CWD: this.folder }, ...options });
  }

  /** The versions of a package that are installed, each once; throws where npm finds the tree wrong. */
  async versionsOf(name: string): Promise<readonly string[]> {
    const tree = JSON.parse(await this.run("npm", "ls", name, "--all", "--json")) as Tree;
    return [...new Set(placesOf(tree, name))];
  }
}

interface Tree {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, Tree>>;
}

function placesOf(tree: Tree, name: string): readonly string[] {
  return Object.entries(tree.dependencies ?? {}).flatMap(([key, each]) => [
    ...(key === name && each.version !== undefined ? [each.version] : []),
    ...placesOf(each, name),
  ]);
}
