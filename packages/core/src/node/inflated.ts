import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createInflate, createInflateRaw, inflateSync } from "node:zlib";
import type { Fail } from "../bytes/byte-cursor";
import { allocated } from "./open-file";

/** How many times its size a deflated stream can hold: a length beyond it is a lie, told before anything is allocated. */
const largestRatio = 1032;

/** What one write to zlib takes. */
const part = 2 ** 20;

interface Deflated {
  /** The bytes that it must inflate to, as the file says. */
  readonly size: number;
  /** Whether it has zlib's header and checksum. */
  readonly wrapped: boolean;
}

/** The content of a deflated stream, exactly `size` bytes. */
export async function inflated(bytes: Uint8Array, { size, wrapped }: Deflated, fail: Fail): Promise<Uint8Array> {
  if (!(size <= largestRatio * bytes.length)) fail(`damaged: ${bytes.length} bytes cannot inflate to ${size}`);
  const out = allocated(size, fail);
  let filled = 0;
  const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of chunks) {
      if (chunk.length > size - filled) return fail(`damaged: inflates to more than ${size} bytes`);
      out.set(chunk, filled);
      filled += chunk.length;
    }
  };
  const options = { chunkSize: part };
  const inflate = wrapped ? createInflate(options) : createInflateRaw(options);
  await explained(() => pipeline(Readable.from(parts(bytes)), inflate, collect), fail);
  if (filled !== size) fail(`damaged: inflates to ${filled} bytes, want ${size}`);
  return out;
}

/** The first bytes of what a stream with zlib's header inflates to. */
export function inflatedStart(bytes: Uint8Array, fail: Fail): Promise<Uint8Array> {
  // Not to be finished: the rest of the stream is not given.
  const options = { finishFlush: constants.Z_SYNC_FLUSH };
  return explained(() => Promise.resolve(inflateSync(bytes.subarray(0, 256), options)), fail);
}

function* parts(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += part) yield bytes.subarray(at, at + part);
}

/** What `work` gives; an error of zlib becomes the file's. */
async function explained<T>(work: () => Promise<T>, fail: Fail): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith("Z_") === true) return fail(`damaged: ${message}`);
    throw error;
  }
}
