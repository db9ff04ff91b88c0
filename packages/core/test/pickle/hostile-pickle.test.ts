import { expectCutsRefused, expectDamageBorne, readOrRefused } from "@awp/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PickleValue } from "../../src/node";
import { pickle, read } from "../fixtures/pickle";
const program = (...parts: readonly string[]): Uint8Array => Buffer.from(parts.join(""), "latin1");

test.each<[string, string, string]>([
  ["os.system", "cos\nsystem\n(S'touch /tmp/owned'\ntR.", "os.system"],
  ["posix.system by the stack", "\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R.", "posix.system"],
  ["builtins.eval", "cbuiltins\neval\n(S'1'\ntR.", "builtins.eval"],
  ["builtins.getattr", "cbuiltins\ngetattr\n.", "builtins.getattr"],
  ["an instance of subprocess.Popen", "(S'id'\nisubprocess\nPopen\n.", "subprocess.Popen"],
  ["numpy.load", "cnumpy\nload\n(S'x'\ntR.", "numpy.load"],
  ["a dotted way out of an allowed module", "\x80\x04\x8c\x05numpy\x8c\x0ef2py.os.system\x93.", "numpy.f2py.os.system"],
  ["a name of JavaScript", "cconstructor\nconstructor\n.", "constructor.constructor"],
  ["__proto__", "c\n__proto__\n.", ".__proto__"],
])("%s is refused by name", (_, text, name) => {
  expect(() => read(program(text))).toThrow(`file: refused ${JSON.stringify(name)}`);
});

test.each<[string, string, RegExp]>([
  ["a call of what is no name", "K\x01)R.", /refused a call of 1/],
  ["a call of what a call made", "ccollections\nOrderedDict\n)R)R.", /refused a call of a dict of 0/],
  ["a state for a list", "]K\x01b.", /refused to set the state of a list of 0/],
  ["an extension code", "\x82\x01.", /refused a name by its number/],
  ["a buffer outside", "\x97.", /refused a buffer outside the pickle/],
  [
    "bytes in another encoding",
    "c_codecs\nencode\nVx\nVrot13\n\x86R.",
    /_codecs\.encode of "x" as "rot13", want latin1/,
  ],
  ["an unknown opcode", "\xff.", /not a pickle: opcode 255 at byte 0/],
  ["a later protocol", "\x80\x06N.", /protocol 6, want at most 5/],
  ["bytes after the end", "N.N.", /2 bytes follow the end/],
  ["a list as a key", "}]K\x01s.", /a dict with a list of 0 as a key/],
  ["too many brackets", "(".repeat(2000), /more than 1000 collections inside one another/],
  ["a mark that is not there", "Nt.", /ends a collection that it has not begun/],
  ["a value below the mark", "N(a.", /takes more than there is/],
  ["a memory that is not there", "h\x05.", /nothing is remembered as 5/],
  ["an integer of a billion bytes", "\x8b\xff\xff\xff\x3f.", /an integer of 1073741823 bytes/],
  ["a negative length", "T\xff\xff\xff\xff.", /truncated: -1 bytes wanted/],
  ["a length of 2^63", "\x8e\0\0\0\0\0\0\0\x80.", /truncated: 9223372036854776000 bytes wanted/],
  ["text that is not UTF-8", "X\x01\0\0\0\xff.", /not UTF-8/],
])("%s is refused", (_, text, message) => {
  expect(() => read(program(text))).toThrow(message);
});

describe("a small file", () => {
  test("cannot make a large value by copies of one in the memo", () => {
    // One text of 100,000 characters, encoded 10,000 times: a gigabyte of bytes.
    const text = `X\xa0\x86\x01\0${"a".repeat(100_000)}q\x00`;
    const again = "c_codecs\nencode\nh\x00Vlatin1\n\x86R0".repeat(10_000);
    expect(() => read(program(text, again, "N."))).toThrow(/asks for far more memory/);
  });

  test("may double a list in the memo, which is one list still", () => {
    let value = read(program("]q\x00", "h\x00h\x00\x86q\x00".repeat(100), "."));
    let depth = 0;
    for (; Array.isArray(value) && value.length > 0; depth++) [value] = value as [PickleValue];
    expect(depth).toBe(100);
  });

  test("may nest tuples as deep as it is long, and is refused where a dict is wanted", () => {
    expect(read(program("N", "\x85".repeat(1_000_000), "."))).toHaveLength(1);
  });

  test("may not go on for ever", () => {
    expect(() => read(program("N0".repeat(2 ** 20), "N."))).toThrow(/more than 2097152 opcodes/);
  });
});

const files = ["plain-0", "plain-2", "plain-5"].map((name) => `${name}.pickle`);

describe.each(files)("%s", (name) => {
  test("is refused where it is cut", async () => {
    await expectCutsRefused(pickle(name), read);
  });

  test("is read or refused where bytes are wrong", async () => {
    await expectDamageBorne(pickle(name), read);
  });
});

test("any bytes are read or refused", async () => {
  const opcodes = "N\x88IJKM\x8a\x8bGTUCBX\x8c\x8e\x96V()]}tld\x85\x86\x87aesu012pqr\x94ghjc\x93R\x81bPQio\x80\x95.";
  const byte = fc.oneof(fc.constantFrom(...Buffer.from(opcodes, "latin1")), fc.constantFrom(0, 1, 2, 10), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(fc.array(byte, { maxLength: 60 }), async (bytes) => {
      await readOrRefused(() => read(Uint8Array.from(bytes)));
    }),
    { numRuns: 10_000 },
  );
});
