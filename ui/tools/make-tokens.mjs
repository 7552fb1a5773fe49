// Writes src/design/tokens.css: every colour of the interface from one seed, and
// the sizes, spaces, corners and motions that all components share.
//
//   node tools/make-tokens.mjs                            the house's own scheme
//   node tools/make-tokens.mjs --seed=#7b1fa2             the same from another seed
//   node tools/make-tokens.mjs --seed=#7b1fa2 --out=-     to the terminal instead
//
// A client's scheme is made by the second and third: nothing else knows a colour.
// tests/unit/design-tokens.test.ts measures the contrast of what comes out.
//
// Material 3's dynamic schemes give the roles; `light-dark()` lets one rule
// serve both themes, so a switch of theme repaints without new style sheets.
// High contrast is the same scheme asked for at contrast level 1.
import { writeFileSync } from 'node:fs';
import {
  argbFromHex,
  Blend,
  Hct,
  hexFromArgb,
  MaterialDynamicColors,
  SchemeTonalSpot,
  TonalPalette,
} from '@material/material-color-utilities';

/** The one colour that all others follow from. */
const SEED = argument('seed', '#00639b');
const OUT = argument('out', '../src/design/tokens.css');

function argument(name, otherwise) {
  return process.argv.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise;
}

if (!/^#[0-9a-f]{6}$/i.test(SEED)) {
  console.error(`“${SEED}” is no colour: write the seed as #rrggbb`);
  process.exit(2);
}

/** Steps of writing: weight, size and line height. */
const TYPE = {
  headline: '400 1.75rem / 1.25',
  title: '500 1.125rem / 1.4',
  subtitle: '600 0.875rem / 1.4',
  body: '400 1rem / 1.5',
  label: '500 0.875rem / 1.3',
  note: '400 0.8125rem / 1.4',
  tiny: '500 0.75rem / 1.3',
};

/** Steps of room, on a grid of four pixels. */
const SPACE = { 1: 4, 2: 8, 3: 12, 4: 16, 5: 20, 6: 24, 8: 32, 10: 40 };

const CORNERS = { s: '8px', m: '12px', l: '16px', xl: '28px', full: '999px' };

/** How long a change takes, and how it eases: at once under the finger, calmer for what comes and goes. */
const MOTION = { quick: '150ms cubic-bezier(0.2, 0, 0, 1)', calm: '300ms cubic-bezier(0.05, 0.7, 0.1, 1)' };

/** Meanings that Material has no role for, bent towards the seed's hue. */
const MEANINGS = { success: '#2e7d32', warning: '#b26a00' };

/** Their colourfulness at most: a page that says all is well must not shout. */
const CALM = 36;

const ROLES = [
  'primary', 'onPrimary', 'primaryContainer', 'onPrimaryContainer',
  'secondary', 'onSecondary', 'secondaryContainer', 'onSecondaryContainer',
  'tertiary', 'onTertiary', 'tertiaryContainer', 'onTertiaryContainer',
  'error', 'onError', 'errorContainer', 'onErrorContainer',
  'surface', 'surfaceDim', 'surfaceBright', 'onSurface', 'onSurfaceVariant',
  'surfaceContainerLowest', 'surfaceContainerLow', 'surfaceContainer',
  'surfaceContainerHigh', 'surfaceContainerHighest',
  'outline', 'outlineVariant', 'inverseSurface', 'inverseOnSurface', 'inversePrimary',
];

const kebab = (name) => name.replace(/[A-Z]/g, (c) => '-' + c.toLowerCase());

/** The custom properties of one contrast level (0 is standard, 1 is high). */
function properties(contrast) {
  const seed = argbFromHex(SEED);
  const light = new SchemeTonalSpot(Hct.fromInt(seed), false, contrast);
  const dark = new SchemeTonalSpot(Hct.fromInt(seed), true, contrast);
  const lines = ROLES.map((role) => {
    const color = MaterialDynamicColors[role];
    return pair(kebab(role), color.getArgb(light), color.getArgb(dark));
  });
  for (const [name, hex] of Object.entries(MEANINGS)) {
    const meant = Hct.fromInt(Blend.harmonize(argbFromHex(hex), seed));
    const palette = TonalPalette.fromHueAndChroma(meant.hue, Math.min(meant.chroma, CALM));
    const high = contrast > 0;
    lines.push(
      pair(name, palette.tone(high ? 25 : 40), palette.tone(high ? 90 : 80)),
      pair(`${name}-container`, palette.tone(high ? 30 : 90), palette.tone(high ? 80 : 30)),
      pair(`on-${name}-container`, palette.tone(high ? 100 : 10), palette.tone(high ? 5 : 90)),
    );
  }
  return lines;
}

const pair = (name, light, dark) =>
  `--${name}: light-dark(${hexFromArgb(light)}, ${hexFromArgb(dark)});`;

const block = (selector, lines) => `${selector} {\n  ${lines.join('\n  ')}\n}\n`;

/** What is the same in every scheme. */
const shapes = [
  ...Object.entries(TYPE).map(([name, value]) => `--type-${name}: ${value} var(--font);`),
  ...Object.entries(SPACE).map(([name, value]) => `--space-${name}: ${value}px;`),
  ...Object.entries(CORNERS).map(([name, value]) => `--corner-${name}: ${value};`),
  ...Object.entries(MOTION).map(([name, value]) => `--${name}: ${value};`),
];

const high = properties(1);
const css = [
  `/* Made by tools/make-tokens.mjs from ${SEED}; change the seed there. */\n`,
  block(':root', ['color-scheme: light dark;', ...shapes, ...properties(0)]),
  // On any element, not only on the page: a part can wear another look than the rest.
  block("[data-theme='light']", ['color-scheme: light;']),
  block("[data-theme='dark']", ['color-scheme: dark;']),
  block("[data-contrast='high']", high),
  `@media (prefers-contrast: more) {\n${block(":root:not([data-contrast='standard'])", high)}}\n`,
].join('');

if (OUT === '-') process.stdout.write(css);
else writeFileSync(new URL(OUT, import.meta.url), css);
