// Writes the two cuts of Noto Sans that the interface carries: the letters of
// English, and apart from them the hooked and dotted letters of Hausa, Yorùbá
// and Igbo, which a browser fetches only when a page shows one.
//
// It skips the work when the cuts are younger than this file: the sources are pinned.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import subsetFont from 'subset-font';

const require = createRequire(import.meta.url);
const source = (cut) =>
  require.resolve(`@fontsource-variable/noto-sans/files/noto-sans-${cut}-wght-normal.woff2`);

const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');
const main = ascii + '\u00a0·–—‘’“”…•→←×÷±°₦€£©';
const extra = 'ɓɗƙƴƁƊƘƳʼẹọṣẸỌṢịụṅỊỤṄàáèéìíòóùúñÀÁÈÉÌÍÒÓÙÚÑāēīōūńǹḿḾŃǸ\u0300\u0301\u0304\u0323';

const cuts = [
  ['noto-sans.woff2', 'latin', main],
  ['noto-sans-extra.woff2', 'latin-ext', extra],
];

const age = (url) => statSync(url, { throwIfNoEntry: false })?.mtimeMs ?? 0;

for (const [file, cut, text] of cuts) {
  const out = new URL(`../src/design/${file}`, import.meta.url);
  if (age(out) > age(new URL(import.meta.url))) continue;
  const font = await subsetFont(readFileSync(source(cut)), text, {
    targetFormat: 'woff2',
    noHinting: true,
    variationAxes: { wght: { min: 400, max: 700 } },
  });
  writeFileSync(out, font);
}
