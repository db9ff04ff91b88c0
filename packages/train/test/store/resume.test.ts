import { ArgumentError, AwpError, decodeSafetensors, drain, random, useBackend } from "@awp/core";
import { awp } from "@awp/perturb";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { CollapseError, schedules, sgd, type TrainEvent, type TrainOptions, train } from "../../src/index";
import { runDirectory } from "../../src/node";
import { seededNetwork, toyBatches, weightsOf } from "../toy-network";
import { disposeTraining, storedIn, temporaryFolders, type ToyTraining, toyTraining } from "../toy-training";

const folders = temporaryFolders();
const used: ToyTraining[] = [];
afterEach(() => {
  for (const training of used.splice(0)) disposeTraining(training);
});
afterAll(() => folders.remove());

const robust = [0.3, 0.5, 0.4, 0.6, 0.1];
const stored: Partial<TrainOptions> = {
  epochs: 5,
  schedule: schedules.constant({ learningRate: 0.1 }),
  evaluate: (_network, epoch) => Promise.resolve({ robust: robust[epoch] as number }),
  selection: { metric: "robust", on: "validation" },
};

interface RunOptions extends Partial<ToyTraining> {
  readonly keep?: number;
}

/** Trains in the directory with `resume: true`. */
async function run(directory: string, { keep = 1, ...options }: RunOptions = {}) {
  const store = runDirectory(directory, { keep });
  const toy = toyTraining({ ...stored, store, checkpointEvery: 2, resume: true, ...options });
  const training = { ...toy, ...options };
  used.push(toy, training);
  const events: TrainEvent[] = [];
  const summary = await drain(train(training), (event) => events.push(event));
  return { events, summary, weights: weightsOf(training.network) };
}

/** A directory in which a training of five epochs was stopped in its fourth. */
async function stopped(): Promise<string> {
  const directory = folders.make();
  const controller = new AbortController();
  const batches = (epoch: number) => {
    if (epoch === 3) controller.abort(new Error("stopped"));
    return toyBatches({ count: 2, seed: 1000 + epoch });
  };
  await expect(run(directory, { batches, signal: controller.signal })).rejects.toThrow("stopped");
  return directory;
}

const namesIn = (...path: string[]): string[] => readdirSync(join(...path)).sort();

describe("a stored training", () => {
  it("keeps the newest checkpoint, the best epoch and a line of metrics an epoch", async () => {
    const directory = folders.make();
    const { events, summary } = await run(directory);
    expect(namesIn(directory, "checkpoints")).toEqual(["epoch-0005"]);
    expect(namesIn(directory, "best")).toEqual(["epoch-0004"]);
    expect(summary.bestPlace).toBe(join(directory, "best", "epoch-0004"));
    const lines = readFileSync(join(directory, "metrics.jsonl"), "utf8").trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { metrics: unknown }).metrics)).toEqual(
      robust.map((value) => ({ robust: value })),
    );
    const written = events.filter(({ kind }) => kind === "checkpoint");
    expect(written.map((event) => "epoch" in event && event.epoch)).toEqual([1, 3, 4]);
  });

  it("keeps as many checkpoints as asked for", async () => {
    const directory = folders.make();
    await run(directory, { keep: 2 });
    expect(namesIn(directory, "checkpoints")).toEqual(["epoch-0004", "epoch-0005"]);
  });

  it("has a model file of parameters and statistics in PyTorch's layouts, and nothing else", async () => {
    const directory = folders.make();
    await run(directory);
    const path = join(directory, "checkpoints", "epoch-0005", "model.safetensors");
    const { entries } = decodeSafetensors(readFileSync(path), path);
    const shapes = [...entries].map(([name, { dtype, shape }]) => [name, dtype, ...shape]);
    expect(shapes).toEqual([
      ["fc.weight", "F32", 4, 12],
      ["fc.bias", "F32", 4],
      ["bn.running_mean", "F32", 12],
    ]);
  });

  it("is not overwritten by a new one", async () => {
    const directory = await stopped();
    await expect(run(directory, { resume: false })).rejects.toThrow(ArgumentError);
    await expect(run(directory, { resume: false })).rejects.toThrow("resume: true");
  });

  it("stays as it was when the weights are no longer finite", async () => {
    const directory = await stopped();
    const before = storedIn(join(directory, "checkpoints"));
    // The loss of the fourth epoch's last step is finite, the weights after it are not.
    const schedule = (t: number) => (t === 4 ? 1e39 : 0.1);
    const collapse = run(directory, { schedule, weightAttack: awp({ gamma: 0 }) });
    await expect(collapse).rejects.toThrow(CollapseError);
    expect(storedIn(join(directory, "checkpoints"))).toEqual(before);
  });
});

describe("a resumed training", () => {
  it.each(["cpu", "wasm"] as const)("ends with the files of an unbroken one on %s", async (backend) => {
    await useBackend(backend);
    const unbroken = folders.make();
    const { weights } = await run(unbroken);
    const directory = await stopped();
    const resumed = await run(directory);
    expect(resumed.events[0]).toMatchObject({ kind: "resumed", epoch: 2 });
    expect(resumed.weights).toEqual(weights);
    expect(storedIn(directory)).toEqual(storedIn(unbroken));
    for (const training of used.splice(0)) disposeTraining(training);
    await useBackend("cpu");
  });

  it.each([
    ["momentum", { optimizer: sgd({ momentum: 0.5 }) }],
    ["decayAt", { decayAt: "clean" }],
    ["warmupEpochs", { warmupEpochs: 3 }],
  ] as const)("with another %s is refused by name", async (name, options) => {
    const directory = await stopped();
    await expect(run(directory, options)).rejects.toThrow(`training.${name} was`);
  });

  it("goes on from its first weights when it was stopped before the first checkpoint", async () => {
    const directory = folders.make();
    const controller = new AbortController();
    const batches = (epoch: number) => {
      if (epoch === 1) controller.abort(new Error("stopped"));
      return toyBatches({ count: 2, seed: 1000 + epoch });
    };
    const store = runDirectory(directory);
    const toy = toyTraining({ ...stored, store, checkpointEvery: 5, batches, signal: controller.signal });
    used.push(toy);
    await expect(drain(train(toy))).rejects.toThrow("stopped");
    // The same objects, whose weights have moved.
    const whole = toyTraining({});
    used.push(whole);
    await drain(train({ ...toy, batches: whole.batches, signal: new AbortController().signal, resume: true }));
    const { weights } = await run(folders.make());
    expect(weightsOf(toy.network)).toEqual(weights);
  });

  it("starts at the beginning when there is nothing to resume", async () => {
    const directory = folders.make();
    writeFileSync(join(directory, "metrics.jsonl"), '{"epoch":0}\n{"epo');
    mkdirSync(join(directory, "best", "epoch-0001"), { recursive: true });
    const { events } = await run(directory);
    expect(events.some(({ kind }) => kind === "resumed")).toBe(false);
    expect(storedIn(directory)).toEqual(storedIn(await unbrokenRun()));
  });

  it("passes over what a kill left behind, and clears it away", async () => {
    const directory = await stopped();
    const checkpoints = join(directory, "checkpoints");
    cpSync(join(checkpoints, "epoch-0002"), join(checkpoints, ".epoch-0004.partial"), { recursive: true });
    cpSync(join(checkpoints, "epoch-0002"), join(checkpoints, "epoch-0003"), { recursive: true });
    rmSync(join(checkpoints, "epoch-0003", "state.json"));
    appendFileSync(join(directory, "metrics.jsonl"), '{"epoch":3,"lo');
    const { events } = await run(directory);
    expect(events[0]).toMatchObject({ kind: "resumed", place: join(checkpoints, "epoch-0002") });
    expect(storedIn(directory)).toEqual(storedIn(await unbrokenRun()));
    expect(existsSync(join(checkpoints, ".epoch-0004.partial"))).toBe(false);
  });

  it("has nothing left to do after its end, and goes on when epochs are added", async () => {
    const directory = folders.make();
    const first = await run(directory);
    const again = await run(directory);
    expect(again.events.map(({ kind }) => kind)).toEqual(["resumed"]);
    expect(again.summary).toEqual(first.summary);
    expect(again.weights).toEqual(first.weights);
    const longer = await run(directory, { epochs: 6, evaluate: () => Promise.resolve({}) });
    expect(longer.summary).toMatchObject({ epochs: 6, steps: 12, best: { epoch: 3 } });
  });

  it("says when the schedule is no longer the same", async () => {
    const directory = await stopped();
    const { events } = await run(directory, { schedule: schedules.constant({ learningRate: 0.05 }) });
    expect(events[1]).toMatchObject({ kind: "warning", message: expect.stringContaining("0.05") as string });
  });

  it("refuses another network, optimizer, seed, batch size or setting, and says which", async () => {
    const directory = await stopped();
    const before = storedIn(join(directory, "checkpoints"));
    const other: [RunOptions, string][] = [
      [{ random: random(5) }, "random.key was [0,0], is [5,0]"],
      [{ stepsPerEpoch: 3 }, "stepsPerEpoch was 2, is 3"],
      [{ settings: { gamma: 0.01 } }, "settings.gamma was absent, is 0.01"],
      [{ network: seededNetwork({ classes: 5 }) }, "network.fc.weight was [12,4], is [12,5]"],
      [{ optimizer: sgd() }, "optimizer.momentum.fc.weight was [12,4], is absent"],
      [{ batches: () => toyBatches({ count: 2, size: 3 }) }, "batches: got 3, want 6 images in a batch"],
    ];
    for (const [options, message] of other) {
      const refused = run(directory, options);
      await expect(refused).rejects.toThrow(AwpError);
      await expect(refused).rejects.toThrow(message);
    }
    expect(storedIn(join(directory, "checkpoints"))).toEqual(before);
  });

  it("names the file that is damaged", async () => {
    const directory = await stopped();
    const checkpoint = join(directory, "checkpoints", "epoch-0002");
    const damage = async (file: string, content: string) => {
      const path = join(checkpoint, file);
      const intact = readFileSync(path);
      writeFileSync(path, content);
      await expect(run(directory)).rejects.toThrow(`${checkpoint}/${file}`);
      writeFileSync(path, intact);
    };
    await damage("state.json", "{");
    await damage("state.json", '{"version":2}');
    await damage("state.json", "null");
    await damage("model.safetensors", "");
    await damage("optimizer.safetensors", "xxxxxxxxxxxxxxxxxxxx");
    rmSync(join(checkpoint, "state.json"));
    await expect(run(directory)).rejects.toThrow(join(directory, "checkpoints"));
  });
});

async function unbrokenRun(): Promise<string> {
  const directory = folders.make();
  await run(directory);
  return directory;
}
