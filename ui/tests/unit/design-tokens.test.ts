// Whether every scheme can be read: the ratios of WCAG, computed from the tokens themselves.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ui = join(import.meta.dirname, '../..');
const made = (seed: string) =>
  execFileSync(process.execPath, [join(ui, 'tools/make-tokens.mjs'), `--seed=${seed}`, '--out=-'], { encoding: 'utf8' });

type Scheme = Map<string, string>;

/** The colours of each look in a style sheet: light, dark, and both in high contrast. */
function schemes(css: string): Record<string, Scheme> {
  const block = (selector: string) => css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? '';
  const colors = (text: string, which: 1 | 2): Scheme =>
    new Map([...text.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map((m) => [m[1] ?? '', m[1 + which] ?? '']));
  const usual = block('\n:root');
  const high = block("[data-contrast='high']");
  return { light: colors(usual, 1), dark: colors(usual, 2), 'high, light': colors(high, 1), 'high, dark': colors(high, 2) };
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const SURFACES = ['surface', 'surface-container-lowest', 'surface-container-low', 'surface-container', 'surface-container-high', 'surface-container-highest'];
/** Each pair that a component writes with, and the ratio it must have. */
const PAIRS: [ink: string, paper: string, least: number][] = [
  ...[...SURFACES, 'surface-dim', 'surface-bright'].map((paper): [string, string, number] => ['on-surface', paper, 7]),
  ...SURFACES.map((paper): [string, string, number] => ['on-surface-variant', paper, 7]),
  ...['primary', 'error', 'tertiary'].flatMap((ink) => SURFACES.map((paper): [string, string, number] => [ink, paper, 4.5])),
  ...['primary', 'secondary', 'tertiary', 'error'].flatMap((role): [string, string, number][] => [
    [`on-${role}`, role, 4.5],
    [`on-${role}-container`, `${role}-container`, 4.5],
  ]),
  ['on-success-container', 'success-container', 7],
  ['on-warning-container', 'warning-container', 7],
  ['inverse-on-surface', 'inverse-surface', 7],
  ['inverse-primary', 'inverse-surface', 4.5],
  // Frames of fields, lines of charts and bars: shapes, not words.
  ...['outline', 'success', 'warning', 'secondary'].flatMap((ink) => ['surface', 'surface-container'].map((paper): [string, string, number] => [ink, paper, 3])),
];

function faults(css: string): string[] {
  return Object.entries(schemes(css)).flatMap(([look, scheme]) =>
    PAIRS.map(([ink, paper, least]) => {
      const [a, b] = [scheme.get(ink), scheme.get(paper)];
      if (!a || !b) return `${look}: no ${a ? paper : ink}`;
      const ratio = contrast(a, b);
      return ratio < least ? `${look}: ${ink} on ${paper} is ${ratio.toFixed(2)}, not ${least}` : '';
    }).filter(Boolean),
  );
}

describe('the tokens', () => {
  const css = readFileSync(join(ui, 'src/design/tokens.css'), 'utf8');

  it('can be read in light, dark and high contrast', () => expect(faults(css)).toEqual([]));

  it('have in high contrast what they have otherwise', () => {
    const all = schemes(css);
    expect([...all['high, light']!.keys()]).toEqual([...all.light!.keys()]);
  });

  it('can be read from any other seed too, and differ', { timeout: 60_000 }, () => {
    for (const seed of ['#7b1fa2', '#c62828', '#f9a825', '#2e7d32', '#000000', '#ffffff']) {
      const other = made(seed);
      expect(faults(other), seed).toEqual([]);
      expect(schemes(other).light!.get('primary'), seed).not.toBe(schemes(css).light!.get('primary'));
    }
  });

  it('refuse what is no colour', () => {
    expect(() => execFileSync(process.execPath, [join(ui, 'tools/make-tokens.mjs'), '--seed=red'], { stdio: 'pipe' })).toThrow(/no colour/);
  });

  it('are all that a page asks for', () => {
    const src = join(ui, 'src');
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(svelte|css)$/.test(file));
    const text = files.map((file) => readFileSync(join(src, file), 'utf8')).join('\n');
    const known = new Set([...text.matchAll(/--([\w-]+):/g)].map((m) => m[1]));
    expect([...text.matchAll(/var\(--([\w-]+)/g)].map((m) => m[1]).filter((name) => !known.has(name))).toEqual([]);
  });

  it('is measured rightly', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });
});
