/**
 * Prints what importing each door costs a Node process: the processor's time, as a ratio to that of
 * @tensorflow/tfjs-core alone, which every door has beneath it. Medians of fresh processes that take turns.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { publishablePackages } from "../publishable";

const root = join(import.meta.dirname, "../..");
const rounds = Number(process.argv[2] ?? 7);
const alone = "@tensorflow/tfjs-core";
const doors = [alone, ...publishablePackages(root).flatMap((each) => each.doors)];
const seconds = new Map(doors.map((door): [string, number[]] => [door, []]));

for (let round = 0; round < rounds; round++) for (const [door, all] of seconds) all.push(cost(door));
const of = (door: string): number => median(seconds.get(door) ?? []);
console.log(`Node ${process.version}, ${rounds} processes each\n\n| import | processor's time |\n|---|---|`);
for (const door of doors) console.log(`| \`${door}\` | ${(of(door) / of(alone)).toFixed(2)} |`);

/** Processor time in seconds; waiting threads and a busy machine do not count in it. */
function cost(door: string): number {
  const program = `const before = process.cpuUsage();
    await import(${JSON.stringify(door)});
    const { user, system } = process.cpuUsage(before);
    console.log((user + system) / 1e6);`;
  const node = ["--input-type=module", "--eval", program];
  return Number(execFileSync(process.execPath, node, { cwd: import.meta.dirname, encoding: "utf8" }));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
