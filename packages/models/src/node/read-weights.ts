import { AwpError, decodeSafetensors, type StoredTensor } from "@awp/core";
import { type Fail, type OpenFile, readPart, withFile } from "@awp/core/node";
import { readCheckpoint } from "./torch/read-checkpoint";
import { headLength, type WeightsFormat, weightsFormat } from "./weights-format";

export interface ReadWeightsOptions {
  /**
   * Which dict of tensors is meant, in a file of PyTorch's that holds several; dots lead deeper: `"ema.state_dict"`.
   *
   * @default the file's own tensors, or else the one dict of them, or else the first of `state_dict`,
   * `model_state_dict`, `model`, `net`, `network`, `last` and `ema`
   */
  readonly key?: string | undefined;
  /** Is told which dict was taken, and which others are there, where there are several and no `key` is given. */
  readonly chosen?: ((key: string, others: readonly string[]) => void) | undefined;
}

/**
 * The tensors of a file, by their names and in its order: of a `.safetensors`, or of a `.pt` or `.pth` that PyTorch
 * wrote, in its format of today or in that before 1.6. What is inside tells which it is, not the name.
 *
 * Nothing of a file is executed: its pickle may name what makes tensors and plain values, and all else is refused. Values
 * are as stored, strided views row-major; tensors that share memory in PyTorch do so here.
 *
 * @throws AwpError that names the file: where it is missing, cut short, damaged, of another kind (and then which), or has
 * several dicts of tensors of which none is the usual one
 * @example
 * const tensors = await readWeights("checkpoint.pt", { key: "model_state_dict" });
 */
export function readWeights(path: string, options: ReadWeightsOptions = {}): Promise<Map<string, StoredTensor>> {
  const fail = failing(path);
  const { key } = options;
  return withFile(path, fail, async (file) => {
    const { size } = await file.stat();
    const format = await formatOf(file, fail);
    if (format !== "safetensors") return readCheckpoint(file, format, options, fail);
    if (key !== undefined) fail(`is a .safetensors, which has no ${JSON.stringify(key)}: its tensors have names alone`);
    return new Map(decodeSafetensors(await readPart(file, 0, size, fail), path).entries);
  });
}

/**
 * Throws unless a file begins as weights do that {@link readWeights} reads.
 *
 * @throws AwpError that names the file and what it seems to be: a web page, a text, …
 * @example
 * await requireWeights("downloaded.pt");
 */
export async function requireWeights(path: string): Promise<void> {
  const fail = failing(path);
  await withFile(path, fail, (file) => formatOf(file, fail));
}

function failing(path: string): Fail {
  return (problem) => {
    throw new AwpError(`${path}: ${problem}`);
  };
}

async function formatOf(file: OpenFile, fail: Fail): Promise<WeightsFormat> {
  const { size } = await file.stat();
  return weightsFormat(await readPart(file, 0, Math.min(size, headLength), fail), fail);
}
