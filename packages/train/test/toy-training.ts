import { random } from "@awp/core";
import { awp } from "@awp/perturb";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adversarialTraining } from "@awp/defenses";
import { type Optimizer, schedules, sgd, type TrainOptions } from "../src/index";
import { noiseAttack, seededNetwork, type ToyNetwork, toyBatches } from "./toy-network";

export interface ToyTraining extends TrainOptions {
  readonly network: ToyNetwork;
  readonly optimizer: Optimizer;
}

/** A short AT-AWP training of a toy network, from the same start each time. */
export function toyTraining(options: Partial<TrainOptions> & { readonly seed?: number } = {}): ToyTraining {
  const { epochs = 3, stepsPerEpoch = 2 } = options;
  return {
    defense: adversarialTraining({ attack: noiseAttack(1) }),
    weightAttack: awp({ gamma: 0.01 }),
    warmupEpochs: 1,
    schedule: schedules.piecewise({ learningRate: 0.1, epochs }),
    batches: (epoch) => toyBatches({ count: stepsPerEpoch, seed: 1000 + epoch }),
    random: random(options.seed ?? 0),
    ...options,
    epochs,
    stepsPerEpoch,
    network: seededNetwork(),
    optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
  };
}

/** The same training, which pauses after so many steps of its own. */
export function pausing<Training extends TrainOptions>(training: Training, steps: number): Training {
  const controller = new AbortController();
  const { defense } = training;
  let made = 0;
  return {
    ...training,
    pause: controller.signal,
    defense: {
      ...defense,
      afterStep(...step) {
        defense.afterStep?.(...step);
        if (++made === steps) controller.abort();
      },
    },
  };
}

export function disposeTraining({ network, optimizer }: ToyTraining): void {
  network.dispose();
  optimizer.dispose();
}

/** A folder of its own for each test, removed at the end. */
export function temporaryFolders(): { make(): string; remove(): void } {
  const made: string[] = [];
  return {
    make() {
      const folder = mkdtempSync(join(tmpdir(), "awp-defenses-"));
      made.push(folder);
      return folder;
    },
    remove() {
      for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a training has stored, but for the time it took: by path, the text of the metrics and the hash of the others. */
export function storedIn(directory: string): Readonly<Record<string, string>> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  const contents = paths.map((path) => {
    const bytes = readFileSync(path);
    const hash = () => createHash("sha256").update(bytes).digest("hex");
    const content = path.endsWith(".jsonl") ? bytes.toString().replace(/"seconds":[^,]+,/g, "") : hash();
    return [path.slice(directory.length + 1), content] as const;
  });
  return Object.fromEntries(contents);
}
