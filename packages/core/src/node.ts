/* What the packages read and write files with, for Node: the door `@awp/core/node`. See AUTHORING.md. */
export { ByteCursor, type Fail } from "./bytes/byte-cursor";
export { latin1 } from "./bytes/text";
export { inflated, inflatedStart } from "./node/inflated";
export { type OpenFile, readPart, readWhole, withFile } from "./node/open-file";
export { flushDirectory, writeWhole } from "./node/whole-file";
export { openZip, type Zip, type ZipEntry } from "./node/zip";
export { storedZip } from "./node/stored-zip";
export { decodePickle, readPickle } from "./pickle/decode-pickle";
export {
  described,
  type PickleContext,
  type PickleDict,
  type PickleMake,
  PickleName,
  PickleObject,
  type PickleOptions,
  type PickleValue,
  textOf,
} from "./pickle/pickle-value";
export { plainNames } from "./pickle/plain-names";
