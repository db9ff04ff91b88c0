import { crc32, deflateSync } from "node:zlib";

export interface Pixels {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** Bytes, `height × width × channels`. */
  readonly bytes: Uint8Array;
}

/** A PNG file of gray or RGB pixels, eight bits a channel. */
export function png({ height, width, channels, bytes }: Pixels): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 3 ? 2 : 0], 8); // bits, and the colour type: RGB or gray
  const stride = width * channels;
  const rows = Buffer.alloc(height * (1 + stride)); // each row after its filter's number, 0: as it is
  for (let row = 0; row < height; row++)
    rows.set(bytes.subarray(row * stride, (row + 1) * stride), row * (1 + stride) + 1);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** The pixels as an address that holds them. */
export function pngAddress(pixels: Pixels): string {
  return `data:image/png;base64,${Buffer.from(png(pixels)).toString("base64")}`;
}
