/** One line of the table: a program, how it was run, and how that went. */
interface Result {
  readonly program: string;
  readonly how: string;
  readonly outcome: "ok" | "failed" | "not run";
  readonly seconds: number;
  /** What failed, or why it was not run. */
  readonly reason: string;
}

const results: Result[] = [];

/** Does a piece of work and notes how it went; returns what it made, or nothing where it failed. */
export async function attempt<T>(program: string, how: string, work: () => Promise<T>): Promise<T | undefined> {
  const started = performance.now();
  const note = (outcome: Result["outcome"], reason = ""): void => {
    const seconds = (performance.now() - started) / 1000;
    results.push({ program, how, outcome, seconds, reason });
    process.stdout.write(`${outcome.padEnd(7)} ${seconds.toFixed(1).padStart(6)} s  ${program}: ${how}\n`);
  };
  try {
    const made = await work();
    note("ok");
    return made;
  } catch (error) {
    note("failed", error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** Notes what cannot be run here, and why. */
export function notRun(program: string, how: string, reason: string): void {
  results.push({ program, how, outcome: "not run", seconds: 0, reason });
}

/** Runs pieces of work, `width` at a time. */
export async function inParallel(works: readonly (() => Promise<unknown>)[], width = 2): Promise<void> {
  const waiting = [...works];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next();
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** Prints the table, and the reasons below it; returns whether nothing failed. */
export function printTable(): boolean {
  const width = (key: "program" | "how"): number => Math.max(...results.map((result) => result[key].length));
  const [program, how] = [width("program"), width("how")];
  const lines = results.map(
    (each) =>
      `${each.program.padEnd(program)}  ${each.how.padEnd(how)}  ${each.outcome.padEnd(7)}  ${each.seconds.toFixed(1).padStart(5)} s`,
  );
  const failed = results.filter(({ outcome }) => outcome === "failed");
  const reasons = results
    .filter(({ reason }) => reason !== "")
    .map((each) => `${each.outcome}: ${each.program}, ${each.how}: ${each.reason}`);
  const ok = results.filter(({ outcome }) => outcome === "ok").length;
  process.stdout.write(["", ...lines, "", ...reasons, `${ok} ok, ${failed.length} failed`, ""].join("\n"));
  return failed.length === 0;
}
