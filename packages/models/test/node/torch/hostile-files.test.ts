import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { runPython, skipWithoutTorch } from "@awp/testing";
import { afterAll, describe, expect, it } from "vitest";
import { archiveOf, dict, integer, legacyOf, oneTwoThree, tensor, text } from "./assembled";
import { writtenFiles } from "./written-files";

const files = writtenFiles();
const { read, refusal } = files;
afterAll(() => files.remove());

const formats = [
  ["zip", archiveOf],
  ["legacy", legacyOf],
] as const;

describe.each(formats)("a file assembled by hand in the format %s", (_, format) => {
  // The legacy format has no storage that no tensor names.
  const fileOf = (pickle: string): Buffer => format(pickle, pickle.includes("_rebuild_tensor") ? storages : {});
  const storages = { "0": oneTwoThree };

  it("is read: its tensors, views, and what is beside them passed", async () => {
    const view = tensor({ offset: 2, shape: [2, 1], strides: [0, 7] });
    const bytes = fileOf(`${dict({ w: tensor(), "v.x": view, epoch: "K\x03" })}.`);
    expect(await read(bytes)).toEqual(
      new Map([
        ["w", { dtype: "F32", shape: [3], data: Float32Array.of(1, 2, 3) }],
        ["v.x", { dtype: "F32", shape: [2, 1], data: Float32Array.of(3, 3) }],
      ]),
    );
  });

  const marker = (): string => join(files.folder, "owned");
  // What Python runs when it reads them; each would make a file.
  const programs: readonly (readonly [string, string, (command: string) => string])[] = [
    ["REDUCE", "os.system", (command) => `cos\nsystem\n(${text(command)}tR.`],
    ["REDUCE of posix", "posix.system", (command) => `cposix\nsystem\n(${text(command)}tR.`],
    ["INST", "os.system", (command) => `(${text(command)}ios\nsystem\n.`],
    ["OBJ", "os.system", (command) => `(cos\nsystem\n${text(command)}o.`],
    [
      "REDUCE of a class",
      "subprocess.Popen",
      (command) => `csubprocess\nPopen\n(](${command.split(" ").map(text).join("")}etR.`,
    ],
    [
      "STACK_GLOBAL",
      "builtins.eval",
      (command) => `\x80\x04${text("builtins")}${text("eval")}\x93(${text(evaluated(command))}tR.`,
    ],
    ["BUILD", "builtins.exec", (command) => `cbuiltins\nexec\n(${text(evaluated(command))}tR}${text("a")}K\x01sb.`],
    ["an entry", "os.system", (command) => `${dict({ w: `cos\nsystem\n(${text(command)}tR` })}.`],
  ];
  const evaluated = (command: string): string => `__import__('os').system('${command}')`;

  it.each(programs)("that calls by %s is refused by the name %s, and nothing is run", async (_, name, program) => {
    const pickle = program(`touch ${marker()}`);
    expect(await refusal(fileOf(pickle))).toContain(`refused ${JSON.stringify(name)}, which`);
    expect(existsSync(marker())).toBe(false);
  });

  it("would run all of them in Python, were they read there", (context) => {
    skipWithoutTorch(context);
    programs.forEach(([, , program], index) => {
      writeFileSync(join(files.folder, `${index}.pickle`), program(`touch ${marker()}${index}`), "latin1");
    });
    const loop = `import pickle, time
for index in range(${programs.length}):
    try: pickle.load(open("${files.folder}/%d.pickle" % index, "rb"))
    except Exception: pass
time.sleep(0.5)`;
    runPython(["-c", loop]);
    expect(programs.map((__, index) => existsSync(`${marker()}${index}`))).toEqual(programs.map(() => true));
  });

  it.each<[string, string, RegExp]>([
    [
      "a whole model",
      "c__main__\nNet\n)\x81.",
      /refused "__main__\.Net".*torch\.save\(model\.state_dict\(\), "model\.pt"\)/,
    ],
    ["a module of torch's", "ctorch.nn.modules.linear\nLinear\n)\x81.", /refused "torch\.nn\.modules\.linear\.Linear"/],
    ["torch.load itself", "ctorch\nload\n(Vx\ntR.", /refused "torch\.load"/],
    ["a nested load", "ctorch.storage\n_load_from_bytes\n(Vx\ntR.", /refused "torch\.storage\._load_from_bytes"/],
    ["a dotted way out", "\x80\x04\x8c\x05torch\x8c\x10_utils.os.system\x93.", /refused "torch\._utils\.os\.system/],
    ["a call of a dtype", "ctorch\nfloat32\n)R.", /refused a call of torch\.float32/],
    [
      "what an attributed tensor may not be made by",
      "ctorch._tensor\n_rebuild_from_type_v2\n(ctorch\nSize\nN)NtR.",
      /refused a tensor made by/,
    ],
    ["another reference", "(Vmodule\nVx\nVy\ntQ.", /refused a reference to "module"/],
    ["a storage of no type", `(${text("storage")}N${text("0")}NK\x03tQ.`, /a storage of null/],
    ["no dict", "(K\x01K\x02t.", /holds a list of 2, want a dict of tensors/],
    ["no tensor", `${dict({ a: "K\x01" })}.`, /holds no tensor, but a \(1\)/],
    [
      "two dicts of tensors",
      `${dict({ a: dict({ w: tensor() }), b: dict({ w: tensor() }) })}.`,
      /several dicts of tensors: "a", "b"; say which/,
    ],
    [
      "complex numbers",
      `${dict({ a: tensor({ type: "ComplexFloatStorage" }) })}.`,
      /refused "torch\.ComplexFloatStorage"/,
    ],
  ])("with %s is refused", async (_, pickle, message) => {
    expect(await refusal(fileOf(pickle))).toMatch(message);
  });

  const huge = 2n ** 62n;
  it.each<[string, Parameters<typeof tensor>[0]]>([
    ["too long", { shape: [4] }],
    ["from behind its end", { offset: 3, shape: [1] }],
    ["from before its beginning", { offset: -1 }],
    ["of a negative size", { shape: [-1] }],
    ["with a negative stride", { offset: 2, strides: [-1] }],
    ["with strides too few", { shape: [1, 3] }],
    ["with a huge stride", { shape: [2], strides: [2 ** 52] }],
    ["with a stride beyond 2^53", { shape: [2], strides: [huge] }],
    ["with a huge shape", { shape: [2 ** 30, 2 ** 30, 2 ** 30], strides: [0, 0, 0] }],
    ["with a shape beyond 2^53", { shape: [huge, 0], strides: [1, 1] }],
    ["with an offset beyond 2^53", { offset: huge }],
    ["of too many axes", { shape: Array(100).fill(1) as number[], strides: Array(100).fill(1) as number[] }],
    ["of a storage that is larger than what is there", { count: 4, shape: [4] }],
    ["of a storage of a negative length", { count: -3 }],
    ["of a storage that is not there", { key: "9" }],
  ])("with a tensor %s is refused", async (_, view) => {
    expect(await refusal(fileOf(`${dict({ w: tensor(view) })}.`))).toMatch(/damaged|truncated/);
  });

  it("cannot expand one element to gigabytes", async () => {
    const view = tensor({ shape: [2 ** 15, 2 ** 15], strides: [0, 0] });
    expect(await refusal(fileOf(`${dict({ w: view })}.`))).toMatch(/refused tensors of 4294967296 bytes/);
  });

  it("may contain itself, and a thousand times another", async () => {
    const cyclic = `}q\0(${text("a")}h\0${text("b")}${dict({ c: "h\0", d: dict({ e: "h\0", w: tensor() }) })}u.`;
    expect(await refusal(fileOf(cyclic))).toMatch(/holds tensors in "b\.d"; say which by its key/);
    expect([...(await read(fileOf(cyclic), "a.a.b.d")).keys()]).toEqual(["w"]);
    let bomb = "}q\0";
    for (let depth = 1; depth < 20; depth++) {
      const again = Array.from({ length: 20 }, (__, at) => `${text(`k${at}`)}h${String.fromCharCode(depth - 1)}`);
      bomb += `}q${String.fromCharCode(depth)}(${again.join("")}u`;
    }
    expect(await refusal(fileOf(`${bomb}.`))).toMatch(/holds no tensor/);
  });

  it("cannot ask for more than it has: integers, texts and lists", async () => {
    for (const pickle of [
      "X\xff\xff\xff\x7fa",
      "\x8b\xff\xff\xff\x7f",
      "B\xff\xff\xff\xff",
      "(".repeat(2000),
      integer(1n),
    ]) {
      await refusal(fileOf(pickle));
    }
  });
});

describe("an archive", () => {
  const pickle = `${dict({ w: tensor() })}.`;
  const good = archiveOf(pickle, { "0": oneTwoThree });

  it("of a big-endian machine is read as one of a little-endian", async () => {
    const swapped = Buffer.from(oneTwoThree).swap32();
    const bytes = archiveOf(pickle, { "0": swapped }, { byteorder: Buffer.from("big") });
    expect((await read(bytes)).get("w")?.data).toEqual(Float32Array.of(1, 2, 3));
    const unknown = archiveOf(pickle, { "0": swapped }, { byteorder: Buffer.from("middle") });
    expect(await refusal(unknown)).toMatch(/the order of bytes is "middle"/);
  });

  it("whose bytes were changed is refused by its checksum", async () => {
    const at = good.indexOf(oneTwoThree);
    const bytes = Buffer.from(good);
    bytes[at + 3] = 0x3e;
    expect(await refusal(bytes)).toMatch(/the checksum of entry "any name\/data\/0" is wrong/);
  });

  it("whose entries overlap is refused", async () => {
    // The directory's entry of the storage is told to lie where that of the pickle does.
    const bytes = Buffer.from(good);
    const name = bytes.lastIndexOf("any name/data/0");
    bytes.writeBigUInt64LE(0n, name + "any name/data/0".length + 4 + 16);
    expect(await refusal(bytes)).toMatch(/entry "any name\/data(\.pkl|\/0)" overlaps another/);
  });

  it("that would unpack to far more than it is, is refused before it is unpacked", async () => {
    const zeros = 2 ** 28;
    expect(await refusal(bombOf(zeros))).toMatch(/refused \d+ bytes that would unpack to 268435/);
  });

  it.each([
    ["of TorchScript", { "constants.pkl": oneTwoThree }, /is a TorchScript archive.*torch\.jit\.load/],
    ["with two pickles", { "other/data.pkl": oneTwoThree }, /not one that torch\.save wrote/],
  ])("%s is refused", async (_, others, message) => {
    expect(await refusal(archiveOf(pickle, { "0": oneTwoThree }, others))).toMatch(message);
  });
});

/** A small zip of a deflated entry that says it has so many zeros. */
function bombOf(size: number): Buffer {
  const content = deflateRawSync(Buffer.alloc(size));
  const name = Buffer.from("a/data.pkl");
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(content.length, 20);
  entry.writeUInt32LE(size, 24);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length + name.length, 12);
  end.writeUInt32LE(local.length + name.length + content.length, 16);
  return Buffer.concat([local, name, content, entry, name, end]);
}
