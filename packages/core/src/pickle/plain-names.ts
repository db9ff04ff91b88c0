import { type PickleDict, type PickleMake, described, type PickleValue, textOf } from "./pickle-value";
import { putPairs } from "./pickle-machine";

const encode: PickleMake = ([text, encoding], { fail, charge }) => {
  const latin = typeof text === "string" && /^latin[-_]?1$/.test(textOf(encoding) ?? "");
  if (!latin) return fail(`_codecs.encode of ${described(text)} as ${described(encoding)}, want latin1`);
  charge(text.length);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 255) return fail("_codecs.encode of text that is not latin1");
    bytes[at] = code;
  }
  return bytes;
};

const emptyBytes: PickleMake = (args, { fail }) =>
  args.length === 0 ? new Uint8Array() : fail("builtins.bytes of something");

const orderedDict: PickleMake = ([pairs = []], { fail, charge }) => {
  const dict: PickleDict = new Map();
  if (!Array.isArray(pairs)) return fail(`collections.OrderedDict of ${described(pairs)}`);
  charge(pairs.length);
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) return fail(`an OrderedDict with ${described(pair)} as an entry`);
    putPairs(dict, pair as PickleValue[], fail);
  }
  return dict;
};

/** The allow-list of plain data: bytes of the older protocols and ordered dicts. */
export const plainNames: ReadonlyMap<string, PickleMake | null> = new Map([
  ["_codecs.encode", encode],
  ["builtins.bytes", emptyBytes],
  ["__builtin__.bytes", emptyBytes],
  ["collections.OrderedDict", orderedDict],
]);
