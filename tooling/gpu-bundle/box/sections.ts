import { join } from "node:path";

/** A part of the run: a program of the workspace under Node. */
export interface Section {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The figures that it leaves, as JSON: also those so far, while it runs. */
  readonly json?: string;
}

export interface SectionOptions {
  /** Where sections leave their figures. */
  readonly scratch: string;
  readonly gpu: boolean;
  /** `NETWORK:BATCH` of the bench. */
  readonly cases: readonly string[];
  readonly figures: readonly string[];
  readonly repeats: string;
  readonly threads: string;
}

/** cuBLAS and cuDNN round to float32 alone, so that a deviation is a mistake; the programs ask libtorch for it, too. */
const float32 = { NVIDIA_TF32_OVERRIDE: "0" };

/** All sections, in the order in which they run; every one but the first wants the addon that the first builds. */
export function sections(options: SectionOptions): Section[] {
  const { gpu, cases, figures } = options;
  return [
    build,
    { name: "specs", args: source("packages/backend-torch/spec/main.ts"), env: float32 },
    { ...deviation(options, "float32"), env: float32 },
    ...(gpu ? [deviation(options, "tf32")] : []),
    deviation(options, "bfloat16"),
    { ...deviation(options, "compiled", "--compiled"), env: float32 },
    {
      ...deviation(options, "compiled without graphs", "--compiled", "--reference", "eager"),
      env: { ...float32, AWP_TORCH_GRAPH: "0" },
    },
    compiledBfloat16(options),
    { name: "goldens", args: source("goldens/src/main.ts", "--backend", "torch"), env: float32 },
    ...cases.flatMap((one) =>
      figures.map((figure) => bench(options, one, figure, slow(one, figure) ? "graph" : "best")),
    ),
    ...(gpu ? cases : [])
      .filter((one) => figures.includes("step") && slow(one, "step"))
      .map((one) => bench(options, one, "step", "compile")),
  ];
}

/** What shows within nine minutes whether it works and how fast it is. */
export function quickSections(options: SectionOptions): Section[] {
  const { gpu, cases } = options;
  const steps = (engine: string): Section[] => cases.slice(0, 1).map((one) => bench(options, one, "step", engine));
  return [
    build,
    { ...deviation(options, "compiled", "--compiled", "--reference", "eager"), env: float32 },
    ...steps(gpu ? "graph" : "best"),
    compiledBfloat16(options),
    ...(gpu ? steps("compile") : []),
  ];
}

/** PyTorch's compiler makes three variants of a step, for minutes each where the network is large. */
const slow = (one: string, figure: string): boolean => one.startsWith("wrn-") && figure === "step";

const build: Section = { name: "build", args: ["packages/backend-torch/build/build.mjs", "build"] };

function compiledBfloat16(options: SectionOptions): Section {
  return deviation(options, "compiled bfloat16", "--compiled", "--reference", "eager", "--precision", "bfloat16");
}

function deviation({ scratch }: SectionOptions, title: string, ...flags: string[]): Section {
  const json = join(scratch, `deviation-${title.replaceAll(" ", "-")}.json`);
  const precision = flags.length === 0 ? ["--precision", title] : flags;
  return {
    name: `deviation ${title}`,
    args: ["bench/dist/main.js", "--deviation", ...precision, "--json", json],
    json,
  };
}

function bench({ scratch, repeats, threads }: SectionOptions, one: string, figure: string, engine: string): Section {
  const title = engine === "best" ? figure : `${figure} ${engine}`;
  const json = join(scratch, `bench-${one.replace(":", "-")}-${title.replace(" ", "-")}.json`);
  const flags = ["--case", one, "--figure", figure, "--repeats", repeats, "--threads", threads, "--engine", engine];
  return {
    name: `bench ${one} ${title}`,
    args: ["bench/dist/main.js", "--pytorch", ...flags, "--json", json],
    json,
  };
}

/** A program of the workspace that is not compiled: run from its sources as in a checkout. */
function source(path: string, ...args: string[]): string[] {
  return ["node_modules/tsx/dist/cli.mjs", "--conditions=@awp/source", path, ...args];
}
