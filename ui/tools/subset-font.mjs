// Writes the cuts of Noto Sans that the interface carries: the letters of
// English, and apart from them the toned, hooked and dotted letters of Yorùbá,
// Hausa and Igbo, which a browser fetches only when a page shows one. The
// sources are cut by the ranges that base.css repeats; a letter that a cut asks
// for and its source lacks stops the build.
//
// It skips the work when the cuts are younger than this file: the sources are pinned.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import subsetFont from 'subset-font';
import { lettersOf } from './font-letters.mjs';

const require = createRequire(import.meta.url);
const source = (cut) =>
  require.resolve(`@fontsource-variable/noto-sans/files/noto-sans-${cut}-wght-normal.woff2`);

const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');

const cuts = [
  // Arrows are not in Noto Sans: they come from the system. The macron is for n̄ and m̄, whose letters are here.
  ['noto-sans.woff2', 'latin', ascii + '\u00a0·–—‘’“”…•×÷±°€£©\u0304'],
  ['noto-sans-extra-tones.woff2', 'latin', 'àáâèéêìíîòóôùúûñçäëïöüÀÁÂÈÉÊÌÍÎÒÓÔÙÚÛÑÇÄËÏÖÜ'],
  ['noto-sans-extra.woff2', 'latin-ext', 'ɓɗƙƴƁƊƘƳʼṣṢṅṄāēīōūĀĒĪŌŪńǹḿŃǸḾ₦'],
  // With the loose marks, as ẹ̀ and ọ́ have no letter of their own.
  ['noto-sans-extra-dots.woff2', 'vietnamese', 'ẹọịụẸỌỊỤ\u0300\u0301\u0304\u0323'],
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
  const has = lettersOf(font);
  const missing = [...text].filter((letter) => !has.has(letter));
  if (missing.length) throw new Error(`${cut} has no ${missing.join(' ')} for ${file}`);
  writeFileSync(out, font);
}
