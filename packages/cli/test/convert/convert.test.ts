import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "@awp/core";
import { readWeights, writeWeights } from "@awp/models/node";
import { runPython, skipWithoutTorch } from "@awp/testing";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder";
import { awp } from "../written";

const float = (...values: number[]): StoredTensor => ({
  dtype: "F32",
  shape: [values.length],
  data: Float32Array.from(values),
});
const counter: StoredTensor = { dtype: "I64", shape: [], data: BigInt64Array.of(7n) };
const wrapped = new Map([
  ["module.fc.weight", float(1, 2, 3)],
  ["module.bn.num_batches_tracked", counter],
]);
const plain = new Map([...wrapped].map(([name, tensor]) => [name.slice("module.".length), tensor]));

describe("awp convert", () => {
  test("turns a .pt into a .safetensors, with every tensor, and says what is in it", async () => {
    const folder = await temporaryFolder();
    const [input, output] = [join(folder, "a.pt"), join(folder, "made", "a.safetensors")];
    await writeWeights(wrapped, input);
    const { code, stdout, stderr } = await awp("convert", input, output);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = [`${output}: 2 tensors`, "  float32: 3 numbers in 1 tensor", "  int64: 1 number in 1 tensor"];
    expect(stdout).toBe(`${[...lines, "  names without module."].join("\n")}\n`);
    const { entries } = decodeSafetensors(await readFile(output), output);
    expect(new Map([...entries].sort())).toEqual(new Map([...plain].sort()));
    expect(await readdir(join(folder, "made"))).toEqual(["a.safetensors"]);
  });

  test("turns a .safetensors into a .pth, with the names it has where they are to be kept", async () => {
    const folder = await temporaryFolder();
    const [input, output] = [join(folder, "a.safetensors"), join(folder, "a.pth")];
    await writeFile(input, encodeSafetensors(wrapped));
    expect((await awp("convert", input, output, "--keep-names")).code).toBe(0);
    expect(new Map([...(await readWeights(output))].sort())).toEqual(new Map([...wrapped].sort()));
  });

  test("takes the dict of tensors that is asked for, and tells of the others", async (context) => {
    skipWithoutTorch(context);
    const folder = await temporaryFolder();
    const [input, output] = [join(folder, "both.pt"), join(folder, "one.pt")];
    const [usual, other] = ["model_state_dict", "unaveraged_model_state_dict"];
    const content = `{"epoch": 1, "${usual}": {"w": torch.ones(2)}, "${other}": {"w": torch.zeros(2)}}`;
    runPython(["-c", `import torch; torch.save(${content}, "${input}")`]);
    const values = async (): Promise<unknown> => (await readWeights(output)).get("w")?.data;
    const { stderr } = await awp("convert", input, output);
    expect(stderr).toBe(`took ${usual}; also there: --key ${other}\n`);
    expect(await values()).toEqual(Float32Array.of(1, 1));
    expect((await awp("convert", input, output, "--key", other as string)).stderr).toBe("");
    expect(await values()).toEqual(Float32Array.of(0, 0));
  });

  test("leads by a .safetensors to a .pt that PyTorch loads strictly, to the same bits", async (context) => {
    skipWithoutTorch(context);
    const folder = await temporaryFolder();
    const [old, between, back] = ["old.pt", "between.safetensors", "back.pt"].map((name) => join(folder, name));
    const network = "import sys, torch; n = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))";
    const save = "torch.save({'state_dict': n.state_dict()}, sys.argv[1], _use_new_zipfile_serialization=False)";
    runPython(["-c", `${network}; ${save}`, old as string]);
    for (const [input, output] of [
      [old, between],
      [between, back],
    ])
      expect((await awp("convert", input as string, output as string)).code).toBe(0);
    const load = "n.load_state_dict(torch.load(sys.argv[2], weights_only=True), strict=True)";
    const same =
      "a = torch.load(sys.argv[1])['state_dict']; print(all(torch.equal(a[k], v) for k, v in n.state_dict().items()))";
    expect(runPython(["-c", `${network}; ${load}; ${same}`, old as string, back as string]).trim()).toBe("True");
  });

  test("never writes over its input, also under another name", async () => {
    const folder = await temporaryFolder();
    const [input, link] = [join(folder, "a.pt"), join(folder, "b.pt")];
    await writeWeights(wrapped, input);
    await symlink(input, link);
    for (const output of [input, link]) {
      const { code, stderr } = await awp("convert", input, output);
      expect([code, stderr]).toEqual([2, `error: OUTPUT: ${output} is INPUT itself, which stays as it is\n`]);
    }
    expect(new Map(await readWeights(input))).toEqual(wrapped);
  });

  test.each([
    ["a page of HTML", "<!DOCTYPE html><html>Sign in</html>", 1, "is a web page: the server answered with HTML"],
    ["nothing", "", 1, "it is empty"],
  ])("refuses %s under the name of weights, and writes nothing", async (_, content, expected, message) => {
    const folder = await temporaryFolder();
    const input = join(folder, "a.pt");
    await writeFile(input, content);
    const { code, stderr } = await awp("convert", input, join(folder, "out.safetensors"));
    expect(code).toBe(expected);
    expect(stderr).toContain(`error: ${input}: is neither a .safetensors nor a file of PyTorch's`);
    expect(stderr).toContain(message);
    expect(await readdir(folder)).toEqual(["a.pt"]);
  });

  test("wants a name that tells what to write", async () => {
    const { code, stderr } = await awp("convert", "a.pt", "a.onnx");
    expect(code).toBe(2);
    expect(stderr).toContain("OUTPUT: got a.onnx, want a name that ends with .safetensors, .pt or .pth");
  });
});
