import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import type { Section } from "./sections";

export interface SectionResult {
  readonly name: string;
  readonly command: string;
  readonly status: "ok" | "failed" | "out of time" | "not begun";
  readonly seconds: number;
  /** What the section printed. */
  readonly output: string;
}

/** Runs a section in a process of its own, with everything that it starts, for so many seconds at most. */
export function runSection(section: Section, out: string, seconds: number): Promise<SectionResult> {
  const { name, args, env } = section;
  const command = [...Object.entries(env ?? {}).map(([key, value]) => `${key}=${value}`), "node", ...args].join(" ");
  if (seconds < 1) return Promise.resolve({ name, command, status: "not begun", seconds: 0, output: "" });

  const log = createWriteStream(join(out, `${name.replace(/[^\w.-]+/g, "-")}.log`));
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
      output += data.toString();
      log.write(data);
      process.stdout.write(data);
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
    const timer = setTimeout(() => {
      late = true;
      end();
    }, seconds * 1000);
    child.on("error", ({ message }) => hear(Buffer.from(message)));
    child.on("close", (code) => {
      clearTimeout(timer);
      end();
      log.end();
      const status = late ? "out of time" : code === 0 ? "ok" : "failed";
      const took = (performance.now() - started) / 1000;
      process.stdout.write(`== ${name}: ${status}, ${took.toFixed(1)} s\n`);
      resolve({ name, command, status, seconds: took, output });
    });
  });
}
