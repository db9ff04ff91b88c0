import { downloadCifar10 } from "@awp/data/node";

/** Fetches CIFAR-10 into `directory`, unless it is there; a bar on a terminal, a line for each tenth elsewhere. */
export async function download(directory: string, out: NodeJS.WriteStream = process.stdout): Promise<void> {
  const width = 30;
  let shown = -1;
  for await (const event of downloadCifar10({ directory })) {
    if (event.kind !== "fetch") {
      out.write(`${event.kind === "verify" ? "\nchecking" : "unpacking"}\n`);
      continue;
    }
    const done = event.total ? event.bytes / event.total : 0;
    const step = Math.floor(done * (out.isTTY ? width : 10));
    if (step === shown) continue;
    shown = step;
    const megabytes = `${(event.bytes / 1e6).toFixed(0)} MB${event.total ? ` of ${(event.total / 1e6).toFixed(0)}` : ""}`;
    if (out.isTTY) out.write(`\rCIFAR-10 ${"█".repeat(step)}${"░".repeat(width - step)} ${megabytes}`);
    else out.write(`CIFAR-10: ${megabytes}\n`);
  }
}
