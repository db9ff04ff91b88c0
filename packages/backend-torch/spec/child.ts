/** Runs the specs on one backend and appends what happens to a file: what a crash leaves behind is the result so far. */
import { createRequire } from "node:module";
import { appendFileSync } from "node:fs";
import { backendUnderTest } from "./backend";
import type { SpecEvent, SpecStatus } from "./result";

/** What the parent process asks for, as JSON in the first argument. */
export interface ChildTask {
  readonly backend: string;
  readonly bundle: string;
  readonly events: string;
  readonly filter?: string;
  /** Ids of specs that a process before this one ran. */
  readonly ran: readonly string[];
}

interface Spec {
  readonly id: string;
  getFullName(): string;
  getPath(): readonly string[];
}

interface Done {
  readonly id: string;
  readonly fullName: string;
  readonly status: string;
  readonly failedExpectations: readonly { readonly message: string }[];
}

interface Jasmine {
  getEnv(): {
    configure(options: object): void;
    addReporter(reporter: object): void;
    execute(): Promise<unknown>;
  };
}

interface Bundle {
  setTestEnvs(environments: readonly object[]): void;
  loadSpecs(): Promise<unknown>;
}

/** The name of the environment, which tfjs-core puts into every spec's name: the same for all backends. */
const environment = "on";

async function main(task: ChildTask): Promise<void> {
  const require = createRequire(import.meta.url);
  (require("jasmine-core") as { boot(): void }).boot();
  const env = (globalThis as unknown as { jasmine: Jasmine }).jasmine.getEnv();
  const report = (event: SpecEvent) => appendFileSync(task.events, `${JSON.stringify(event)}\n`);

  const { name, register } = backendUnderTest(task.backend);
  // First, so that the tensors' class is the one that the specs know: all copies of tfjs-core share one engine.
  const specs = require(task.bundle) as Bundle;
  specs.setTestEnvs([{ name: environment, backendName: name, flags: {}, isDataSync: true }]);
  await register();

  const wanted = new RegExp(task.filter ?? "");
  const ran = new Set(task.ran);
  const nameOf = (fullName: string) => fullName.replace(`${environment} {}`, "").replace(/\s+/g, " ").trim();
  const suites = new Map<string, string>(); // of the specs that are to run
  env.configure({
    random: false,
    forbidDuplicateNames: false,
    specFilter: (spec: Spec) => {
      const selected = wanted.test(nameOf(spec.getFullName())) && !ran.has(spec.id);
      if (selected) suites.set(spec.id, nameOf(spec.getPath()[0] ?? ""));
      return selected;
    },
  });
  const outside = (name: string, failures: Done["failedExpectations"]) => {
    for (const { message } of failures) report({ kind: "outside", name, message: firstLines(message) });
  };
  env.addReporter({
    specStarted: ({ id, fullName }: Done) => {
      const suite = suites.get(id);
      if (suite !== undefined) report({ kind: "start", id, name: nameOf(fullName), suite });
    },
    specDone: ({ id, status, failedExpectations: [failure] }: Done) => {
      if (!suites.has(id)) return;
      const message = failure === undefined ? {} : { message: firstLines(failure.message) };
      report({ kind: "done", id, status: status as SpecStatus, ...message });
    },
    suiteDone: ({ fullName, failedExpectations }: Done) => outside(nameOf(fullName), failedExpectations),
    jasmineDone: ({ failedExpectations }: Done) => outside("all specs", failedExpectations),
  });
  await specs.loadSpecs();
  await env.execute();
  report({ kind: "end" });
}

function firstLines(message: string): string {
  return message.split("\n").slice(0, 3).join(" ").slice(0, 300);
}

await main(JSON.parse(process.argv[2] ?? "{}") as ChildTask);
process.exit(0); // some specs leave timers behind
