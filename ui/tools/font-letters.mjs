// Reads which letters a WOFF2 font can draw, from its cmap table alone.
import { brotliDecompressSync } from 'node:zlib';

/** Numbers of the tables in WOFF2's own list of names. */
const CMAP = 0;
const GLYF = 10;
const LOCA = 11;
const NAMED = 63;

/** The letters of a font, each as a string of one code point. */
export function lettersOf(font) {
  const [start, length, tables] = findCmap(font);
  const data = brotliDecompressSync(tables).subarray(start, start + length);
  const letters = new Set();
  for (let i = 0; i < data.readUInt16BE(2); i++) {
    const table = data.subarray(data.readUInt32BE(4 + 8 * i + 4));
    for (const [from, to] of ranges(table)) {
      for (let code = from; code <= to; code++) letters.add(String.fromCodePoint(code));
    }
  }
  return letters;
}

/** Where the cmap lies in the tables, and the tables, still compressed. */
function findCmap(font) {
  let at = 48;
  let offset = 0;
  let found = [0, 0];
  const number = () => {
    let value = 0;
    for (;;) {
      const byte = font[at++];
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
  };
  for (let left = font.readUInt16BE(12); left > 0; left--) {
    const flags = font[at++];
    const name = flags & 63;
    if (name === NAMED) at += 4;
    let length = number();
    // The outlines are stored transformed unless they say 3, all others as they are unless they say so.
    const version = flags >> 6;
    if (name === GLYF || name === LOCA ? version !== 3 : version !== 0) length = number();
    if (name === CMAP) found = [offset, length];
    offset += length;
  }
  return [...found, font.subarray(at, at + font.readUInt32BE(20))];
}

/** The runs of code points of a table in format 4 or 12; the others repeat them. */
function ranges(table) {
  const format = table.readUInt16BE(0);
  if (format === 12) {
    return Array.from({ length: table.readUInt32BE(12) }, (_, i) => [
      table.readUInt32BE(16 + 12 * i),
      table.readUInt32BE(20 + 12 * i),
    ]);
  }
  if (format !== 4) return [];
  const count = table.readUInt16BE(6) / 2;
  return Array.from({ length: count }, (_, i) => [
    table.readUInt16BE(16 + 2 * count + 2 * i),
    table.readUInt16BE(14 + 2 * i),
  ]).filter(([from]) => from < 0xffff);
}
