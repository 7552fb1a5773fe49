// Whether the fonts that the pages carry can write what the pages say.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lettersOf } from '../../tools/font-letters.mjs';

const design = join(import.meta.dirname, '../../src/design');
const messages = join(import.meta.dirname, '../../src/i18n/messages');
const css = readFileSync(join(design, 'base.css'), 'utf8');

/** Each cut with its letters and the ranges for which a browser asks it, as base.css declares them. */
const cuts = [...css.matchAll(/@font-face \{(.*?)\}/gs)].map(([, face = '']) => {
  const file = /url\('\.\/([\w-]+\.woff2)'\)/.exec(face)?.[1] ?? '';
  const ranges = /unicode-range: (.*?);/.exec(face)?.[1];
  const spans = ranges?.split(', ').map((r) => r.slice(2).split('-').map((hex) => Number.parseInt(hex, 16)));
  const asked = (letter: string) => {
    const code = letter.codePointAt(0) ?? 0;
    return !spans || spans.some(([from = 0, to = from]) => code >= from && code <= to);
  };
  const letters = lettersOf(readFileSync(join(design, file)));
  return { file, writes: (cluster: string) => [...cluster].every((one) => letters.has(one) && asked(one)) };
});

/** What one cut alone can write: a mark and its letter must come from the same one. */
const isWritten = (cluster: string) => cuts.some((cut) => cut.writes(cluster));
const clusters = (text: string) => new Set(text.match(/.\p{M}*/gu));

describe('the font', () => {
  it('is four cuts that base.css declares', () => {
    expect(cuts.map((cut) => cut.file)).toEqual([
      'noto-sans.woff2', 'noto-sans-extra-tones.woff2', 'noto-sans-extra.woff2', 'noto-sans-extra-dots.woff2',
    ]);
  });

  it('has the letters of English, Hausa, Yorùbá and Igbo, small and large', () => {
    const small = 'abcdefghijklmnopqrstuvwxyzɓɗƙƴṣẹọịụṅàáèéìíòóùúǹńḿ';
    const loose = ['ẹ̀', 'ẹ́', 'ọ̀', 'ọ́', 'ị́', 'ụ̀', 'n̄', 'm̄'];
    const all = [...small, ...small.toUpperCase(), ...loose, ...loose.map((l) => l.toUpperCase()), ...'0123456789₦€–—‘’“”…·ʼ'];
    expect(all.filter((one) => !isWritten(one))).toEqual([]);
  });

  it('has every letter that the catalogues say', () => {
    const missing = new Map<string, string>();
    for (const area of readdirSync(messages)) {
      for (const file of readdirSync(join(messages, area))) {
        for (const one of clusters(readFileSync(join(messages, area, file), 'utf8'))) {
          // Arrows and key signs are in no cut of Noto Sans: they come from the system.
          if (!/\p{S}/u.test(one) && !isWritten(one)) missing.set(one, `${area}/${file}`);
        }
      }
    }
    expect([...missing]).toEqual([]);
  });

  it('does not claim what it lacks', () => {
    expect(isWritten('ж')).toBe(false);
    expect(isWritten('m̀')).toBe(false);
  });
});
