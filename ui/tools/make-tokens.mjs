// Writes src/design/tokens.css: every colour of the interface, from one seed.
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
const SEED = '#00639b';

/** Meanings that Material has no role for, bent towards the seed's hue. */
const MEANINGS = { success: '#2e7d32', warning: '#b26a00' };

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
    const palette = TonalPalette.fromInt(Blend.harmonize(argbFromHex(hex), seed));
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

const high = properties(1);
const css = [
  '/* Made by tools/make-tokens.mjs; change the seed there. */\n',
  block(':root', ['color-scheme: light dark;', ...properties(0)]),
  block(":root[data-theme='light']", ['color-scheme: light;']),
  block(":root[data-theme='dark']", ['color-scheme: dark;']),
  block(":root[data-contrast='high']", high),
  `@media (prefers-contrast: more) {\n${block(":root:not([data-contrast='standard'])", high)}}\n`,
].join('');

writeFileSync(new URL('../src/design/tokens.css', import.meta.url), css);
