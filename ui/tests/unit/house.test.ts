// Rules of the house that no compiler knows.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = join(import.meta.dirname, '../../src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(svelte|ts)$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(src, file), 'utf8') }));

const offenders = (pattern: RegExp) => files.filter(({ text }) => pattern.test(text)).map(({ file }) => file);

/** Which floor a file stands on: a floor may import itself and those below it. */
function floor(file: string): string {
  const [top, second] = file.split('/');
  return top === 'reconix' ? `reconix/${second}` : (top ?? '');
}
const below: Record<string, string[]> = {
  i18n: [],
  design: ['i18n'],
  api: ['i18n'],
  jobs: ['api', 'design', 'i18n'],
  account: ['api', 'design', 'i18n'],
  // What the features of Reconix show alike of a number: its life, its linkages, its faces.
  'reconix/number': ['api', 'design', 'i18n'],
};

describe('the security policy', () => {
  it('meets no inline style', () => expect(offenders(/<[^>]*\sstyle(=|:)/)).toEqual([]));
  it('meets no custom property on a component', () => expect(offenders(/<[A-Z]\w*[^>]*\s--[a-z]/)).toEqual([]));
  it('meets no raw HTML', () => expect(offenders(/\{@html|\.innerHTML|insertAdjacentHTML/)).toEqual([]));
  it('meets no inline script', () => {
    expect(readFileSync(join(src, '../index.html'), 'utf8')).not.toMatch(/<script(?![^>]*\ssrc=)/);
  });
  it('meets no address of another origin', () => expect(offenders(/https?:\/\//)).toEqual([]));
});

describe('the floors', () => {
  it('are imported downwards only, and no feature knows another', () => {
    const wrong: string[] = [];
    for (const { file, text } of files) {
      const own = floor(file);
      if (own === 'app') continue;
      const allowed = below[own] ?? ['api', 'design', 'i18n', 'jobs', 'reconix/number'];
      for (const [, typeOnly, path] of text.matchAll(/import (type )?[^;]*?from '([^']+)'/g)) {
        const to = target(file, path ?? '');
        if (!to || to === own || allowed.includes(to)) continue;
        // The shape of what the shell hands to a page is all that a feature knows of it.
        if (to === 'app' && typeOnly) continue;
        wrong.push(`${file} → ${path}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

function target(file: string, path: string): string | undefined {
  if (path.startsWith('$/')) return floor(path.slice(2));
  if (path.startsWith('.')) return floor(relative(src, resolve(src, dirname(file), path)));
  return undefined;
}
