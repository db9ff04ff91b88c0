import { ByteCursor, type Fail, latin1 } from "@awp/core/node";
import { type NumpyArray, type NumpyLayout, numpyArray, numpyType } from "./numpy-array";

const magic = "\x93NUMPY";

/** The longest header that is read; NumPy's have some 100 bytes. */
const longestHeader = 65_536;

const header =
  /^\{\s*'descr':\s*'([^']*)',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(((?:\d+,?\s*)*)\),?\s*\}\s*$/;

/**
 * The array in the bytes of a `.npy` file, versions 1 to 3; a view of them where they lie as wanted.
 *
 * @see https://numpy.org/neps/nep-0001-npy-format.html
 * @throws what `fail` throws, for anything but a whole file of numbers; objects are pickles and refused
 */
export function decodeNpy(bytes: Uint8Array, fail: Fail): NumpyArray {
  const cursor = new ByteCursor(bytes, fail);
  const layout = readNpyHeader(cursor);
  return numpyArray(cursor.take(cursor.remaining), layout, fail);
}

function readNpyHeader(cursor: ByteCursor): NumpyLayout {
  const { fail } = cursor;
  if (latin1(cursor.take(magic.length)) !== magic) fail("not a .npy file");
  const version = cursor.u8();
  cursor.u8(); // the minor version, which changes nothing
  if (version < 1 || version > 3) fail(`a .npy file of version ${version}, want 1 to 3`);
  const length = version === 1 ? cursor.u16() : cursor.u32();
  if (length > longestHeader) fail(`a .npy header of ${length} bytes`);
  const text = latin1(cursor.take(length));
  const [, descr = "", order, sizes = ""] = header.exec(text) ?? fail("a .npy header that describes no plain array");
  const shape = sizes
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  return { type: numpyType(descr, fail), shape, fortran: order === "True" };
}
