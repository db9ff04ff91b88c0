import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import type { Section } from "./sections";

export interface SectionResult {
  readonly name: string;
  readonly command: string;
  readonly status: "ok" | "failed" | "out of time" | "not begun" | "running";
  readonly seconds: number;
  /** What the section printed, or the end of it. */
  readonly output: string;
}

/** How many characters of the output are kept beside the log: a result or an error comes last. */
const kept = 20_000;

/** How often a section that runs is reported, in milliseconds. */
const interval = 5_000;

/**
 * Runs a section in a process of its own, with everything that it starts, for so many seconds at most, with its output in
 * `scratch` too. `progress` hears of it while it runs.
 */
export function runSection(
  section: Section,
  scratch: string,
  seconds: number,
  progress: (sofar: SectionResult) => void,
): Promise<SectionResult> {
  const { name, args, env } = section;
  const command = [...Object.entries(env ?? {}).map(([key, value]) => `${key}=${value}`), "node", ...args].join(" ");
  if (seconds < 1) return Promise.resolve({ name, command, status: "not begun", seconds: 0, output: "" });

  const log = createWriteStream(join(scratch, `${name.replace(/[^\w.-]+/g, "-")}.log`));
  const started = performance.now();
  process.stdout.write(`\n== ${name} (at most ${Math.round(seconds)} s)\n$ ${command}\n`);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // a group of its own: what it starts ends with it
    });
    let output = "";
    let late = false;
    const hear = (data: Buffer) => {
      output = (output + data.toString()).slice(-kept);
      log.write(data);
      process.stdout.write(data);
    };
    const result = (status: SectionResult["status"]): SectionResult => {
      return { name, command, status, seconds: (performance.now() - started) / 1000, output };
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    const end = () => {
      try {
        process.kill(-child.pid!, "SIGKILL");
      } catch {
        // nothing of the group is left
      }
    };
    const interrupted = () => {
      end();
      process.exit(130);
    };
    process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
    const reports = setInterval(() => progress(result("running")), interval);
    progress(result("running"));
    const timer = setTimeout(() => {
      late = true;
      end();
    }, seconds * 1000);
    child.on("error", ({ message }) => hear(Buffer.from(message)));
    child.on("close", (code) => {
      clearTimeout(timer);
      clearInterval(reports);
      process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
      end();
      const ended = result(late ? "out of time" : code === 0 ? "ok" : "failed");
      process.stdout.write(`== ${name}: ${ended.status}, ${ended.seconds.toFixed(1)} s\n`);
      log.end(() => resolve(ended));
    });
  });
}
