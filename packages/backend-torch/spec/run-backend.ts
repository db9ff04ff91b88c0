import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { backendUnderTest } from "./backend";
import type { ChildTask } from "./child";
import type { BackendResult, SpecEvent, SpecResult } from "./result";

/** A spec that says nothing for so long hangs: Jasmine's own limit does not interrupt what never returns. */
const silenceLimit = 120_000;

/**
 * Runs the specs on a backend in a process of its own. Where that dies, the spec under way has failed and another
 * process goes on with those that are left.
 */
export async function runBackend(backend: string, bundle: string, filter?: string): Promise<BackendResult> {
  const directory = mkdtempSync(join(tmpdir(), "awp-spec-"));
  const started = new Map<string, { name: string; suite: string }>();
  const results = new Map<string, Omit<SpecResult, "name" | "suite">>();
  const outside: SpecResult[] = [];
  try {
    for (let attempt = 0; ; attempt++) {
      const events = join(directory, `${attempt}.jsonl`);
      const before = results.size;
      const ending = await runChild({ backend, bundle, events, ran: [...started.keys()], ...(filter && { filter }) });
      let ended = false;
      for (const event of read(events)) {
        if (event.kind === "start") started.set(event.id, { name: event.name, suite: event.suite });
        else if (event.kind === "done") results.set(event.id, event);
        else if (event.kind === "outside") outside.push(failure(`${event.name} (outside its specs)`, event.message));
        else ended = true;
      }
      if (ended) break;
      for (const id of started.keys()) {
        if (!results.has(id)) results.set(id, { status: "failed", message: `the process died: ${ending}` });
      }
      if (results.size === before) {
        outside.push(failure("the process", `died before any spec: ${ending}`));
        break;
      }
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return { backend: backendUnderTest(backend).name, specs: [...numbered(started, results), ...outside] };
}

function runChild(task: ChildTask): Promise<string> {
  return new Promise((resolve, reject) => {
    const script = fileURLToPath(new URL("child.ts", import.meta.url));
    const child = spawn(process.execPath, [...process.execArgv, script, JSON.stringify(task)], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let complaint = "";
    child.stderr.on("data", (data: Buffer) => {
      complaint = (complaint + data.toString()).slice(-8000);
    });
    const watch = setInterval(() => {
      const written = existsSync(task.events) ? statSync(task.events).mtimeMs : 0;
      if (written > 0 && Date.now() - written > silenceLimit) child.kill("SIGKILL");
    }, 5000);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearInterval(watch);
      resolve([signal ?? `exit code ${code}`, lastWords(complaint)].filter(Boolean).join(", "));
    });
  });
}

/** What a dying process says first, without Node's stack and what tfjs-core's second copy remarks on. */
function lastWords(complaint: string): string {
  const lines = complaint
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^(Platform node|---|\s+at |\s*\d+: )/.test(line));
  return lines.slice(0, 4).join(" ").slice(0, 300);
}

function read(file: string): SpecEvent[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as SpecEvent);
}

function failure(name: string, message: string): SpecResult {
  return { name, suite: name, status: "failed", message };
}

/** Several specs of tfjs-core share a name: all but the first get a number, so that backends can be compared. */
function numbered(
  started: ReadonlyMap<string, { readonly name: string; readonly suite: string }>,
  results: ReadonlyMap<string, Omit<SpecResult, "name" | "suite">>,
): SpecResult[] {
  const seen = new Map<string, number>();
  return [...started].flatMap(([id, { name, suite }]) => {
    const result = results.get(id);
    if (result === undefined) return [];
    const occurrence = (seen.get(name) ?? 0) + 1;
    seen.set(name, occurrence);
    const { status, message } = result;
    const unique = occurrence === 1 ? name : `${name} #${occurrence}`;
    return [{ name: unique, suite, status, ...(message !== undefined && { message }) }];
  });
}
