import type { StoredTensor } from "@awp/core";

type Tensors = ReadonlyMap<string, StoredTensor>;

/** The names that PyTorch has for the types of elements. */
const dtypes: Readonly<Record<StoredTensor["dtype"], string>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};

/** What a file has been written with: how many tensors and numbers of each type, and what went from their names. */
export function contentLines(file: string, read: Tensors, written: Tensors): readonly string[] {
  const lines = [`${file}: ${counted(written.size, "tensor")}`];
  for (const [type, dtype] of Object.entries(dtypes)) {
    const those = [...written.values()].filter((tensor) => tensor.dtype === type);
    const numbers = those.reduce((sum, { data }) => sum + data.length, 0);
    if (those.length > 0) lines.push(`  ${dtype}: ${counted(numbers, "number")} in ${counted(those.length, "tensor")}`);
  }
  const [[before], [after]] = [[...read.keys()], [...written.keys()]];
  const gone = (before?.length ?? 0) - (after?.length ?? 0);
  if (gone > 0) lines.push(`  names without ${before?.slice(0, gone)}`);
  return lines;
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;
}
