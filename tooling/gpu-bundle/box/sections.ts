import { join } from "node:path";

/** A part of the run: a program of the workspace under Node. */
export interface Section {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The figures that it leaves, as JSON. */
  readonly json?: string;
}

export interface SectionOptions {
  /** Where results go. */
  readonly out: string;
  readonly gpu: boolean;
  /** `NETWORK:BATCH` of the bench. */
  readonly cases: readonly string[];
  readonly figures: readonly string[];
  readonly repeats: string;
  readonly threads: string;
}

/** cuBLAS and cuDNN round to float32 alone, so that a deviation is a mistake. */
const float32 = { NVIDIA_TF32_OVERRIDE: "0" };

/** All sections, in the order in which they run; every one but the first wants the addon that the first builds. */
export function sections({ out, gpu, cases, figures, repeats, threads }: SectionOptions): Section[] {
  return [
    { name: "build", args: ["packages/backend-torch/build/build.mjs", "build"] },
    { name: "specs", args: source("packages/backend-torch/spec/main.ts"), env: float32 },
    { ...deviation(out, "float32"), env: float32 },
    ...(gpu ? [deviation(out, "tf32")] : []),
    { name: "goldens", args: source("goldens/src/main.ts", "--backend", "torch"), env: float32 },
    ...cases.flatMap((one) =>
      figures.map((figure) => {
        const json = join(out, `bench-${one.replace(":", "-")}-${figure}.json`);
        const flags = ["--case", one, "--figure", figure, "--repeats", repeats, "--threads", threads, "--json", json];
        return { name: `bench ${one} ${figure}`, args: ["bench/dist/main.js", "--pytorch", ...flags], json };
      }),
    ),
  ];
}

function deviation(out: string, precision: string): Section {
  const json = join(out, `deviation-${precision}.json`);
  const flags = ["--deviation", "--precision", precision, "--json", json];
  return { name: `deviation ${precision}`, args: ["bench/dist/main.js", ...flags], json };
}

/** A program of the workspace that is not compiled: run from its sources as in a checkout. */
function source(path: string, ...args: string[]): string[] {
  return ["node_modules/tsx/dist/cli.mjs", "--conditions=@awp/source", path, ...args];
}
