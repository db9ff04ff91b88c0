import { autoAttack, decodeAutoAttackState, encodeAutoAttackState, evaluate } from "@awp/attacks";
import { type Classifier, drain, random } from "@awp/core";
import { batches, type Dataset } from "@awp/data";
import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { attackNamed } from "./attacks";
import type { Settings } from "./settings";
import { table } from "./table";

/** What is printed last, and what `--json` keeps. */
export interface Evaluated {
  readonly summary: object;
  readonly report: object;
}

export async function runAutoAttack(settings: Settings, classifier: Classifier, images: Dataset): Promise<Evaluated> {
  const { norm, epsilon, batchSize, seed, state: file } = settings;
  const state = file !== undefined && existsSync(file) ? decodeAutoAttackState(await readFile(file), file) : undefined;
  const options = {
    norm,
    epsilon,
    batchSize,
    classifier,
    batches: batches(images, { batchSize }),
    random: random(seed),
  };
  const running = autoAttack({ ...options, ...(state === undefined ? {} : { state }) });
  for (;;) {
    const { done, value } = await running.next();
    if (done === true) {
      const { perExample: _, ...summary } = value;
      process.stdout.write(`${table(value)}\n`);
      for (const { kind, advice } of value.flags) process.stdout.write(`${kind}: ${advice}\n`);
      return { summary, report: value };
    }
    const { stage, attack, progress, robust, secondsLeft } = value;
    const share = `${(100 * progress).toFixed(0)} %`;
    process.stderr.write(`${stage}, ${attack}: ${share}, ${robust} robust, ${secondsLeft.toFixed(0)} s left\n`);
    // Renamed into place: a kill leaves the last state or the one before.
    if (file !== undefined) {
      await writeFile(`${file}.partial`, encodeAutoAttackState(value.state));
      await rename(`${file}.partial`, file);
    }
  }
}

export async function runAttackNamed(settings: Settings, classifier: Classifier, images: Dataset): Promise<Evaluated> {
  const { attack: name, norm, epsilon, batchSize, seed } = settings;
  const attack = attackNamed(name, { norm, epsilon });
  const started = performance.now();
  const result = await drain(
    evaluate({ classifier, attack, batches: batches(images, { batchSize }), random: random(seed) }),
  );
  const { examples, naturalAccuracy, robustAccuracy } = result;
  const seconds = (performance.now() - started) / 1000;
  const summary = { attack: name, norm, epsilon, examples, naturalAccuracy, robustAccuracy, seconds };
  const percent = (share: number): string => (100 * share).toFixed(2);
  process.stdout.write(`natural ${percent(naturalAccuracy)} %, ${name} ${percent(robustAccuracy)} %\n`);
  return { summary, report: { ...summary, perExample: result.perExample } };
}
