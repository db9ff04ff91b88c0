import { spawnSync } from "node:child_process";
import { cpus, totalmem } from "node:os";

/** What the box has, each in the words of the program that tells; undefined where there is none. */
export type System = Readonly<Record<string, string | undefined>>;

const torch = `import torch; print(torch.__version__, "CUDA", torch.version.cuda, "cuDNN", torch.backends.cudnn.version(),
  "on", torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU")`;

export function system(python: string): System {
  const { status, stderr } = spawnSync(python, ["-c", "import torch"], { encoding: "utf8" });
  return {
    gpu: lastLine("nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"),
    torch: lastLine(python, "-c", torch),
    "torch says": status === 0 ? undefined : (stderr?.trim().split("\n").at(-1) ?? `${python} does not run`),
    python: lastLine(python, "--version"),
    nvcc: lastLine("nvcc", "--version"),
    compiler: firstLine(process.env["CXX"] ?? "g++", "--version"),
    processor: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
  };
}

/** Whether PyTorch sees a CUDA device. */
export const hasGpu = ({ torch }: System): boolean => torch !== undefined && !torch.endsWith(" on CPU");

const firstLine = (...command: [string, ...string[]]): string | undefined => lines(...command)?.[0];
const lastLine = (...command: [string, ...string[]]): string | undefined => lines(...command)?.at(-1);

function lines(command: string, ...args: string[]): string[] | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim().split("\n") : undefined;
}
