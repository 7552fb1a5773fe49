// Draws the installed application's icons from public/icon.svg, with Chromium:
//   node tools/make-icons.mjs
// The PNG files are committed, as a build needs no browser and is the same byte
// for byte everywhere; run this once after the drawing has changed.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import { chromium } from 'playwright-core';

const place = (name) => fileURLToPath(new URL(`../public/${name}`, import.meta.url));
const drawing = readFileSync(place('icon.svg'), 'utf8');

/** Launchers cut a maskable icon to any shape: the ground reaches the edge; the drawing is inside the safe circle as it is. */
const maskable = drawing.replace(' rx="14"', '');

/** The drawing's own colours, which stay as they are. */
const FLAT = new Set(['47,98,140,255', '255,255,255,255']);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage();
for (const [name, size, svg] of [['icon-192.png', 192, drawing], ['icon-512.png', 512, drawing], ['icon-maskable.png', 512, maskable]]) {
  writeFileSync(place(name), png(size, await page.evaluate(pixels, [svg, size])));
}
await browser.close();

/** Runs in the page: the drawing's pixels, four numbers each. */
async function pixels([svg, size]) {
  const image = new Image(size, size);
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size });
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0, size, size);
  return [...pen.getImageData(0, 0, size, size).data];
}

/** A PNG with a palette: a third of what a browser writes. */
function png(size, rgba) {
  const palette = new Map();
  const rows = Buffer.alloc(size * (size + 1));
  for (let at = 0; at < size * size; at++) {
    const seen = rgba.slice(at * 4, at * 4 + 4);
    // The edges' shades are rounded, so that the colours fit.
    const colour = FLAT.has(seen.join()) ? seen.join() : seen.map((part) => part & 0xf8).join();
    if (!palette.has(colour)) palette.set(colour, palette.size);
    rows[at + Math.floor(at / size) + 1] = palette.get(colour);
  }
  if (palette.size > 256) throw new Error(`${palette.size} colours are too many for a palette`);
  const colours = [...palette.keys()].map((colour) => colour.split(',').map(Number));
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(colours.flatMap((c) => c.slice(0, 3)))),
    chunk('tRNS', Buffer.from(colours.map((c) => c[3]))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(kind, body) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const named = Buffer.concat([Buffer.from(kind), body]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
