import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytes, day, duration, instant, label, number, phone, t } from '$/i18n/index.svelte';

const root = join(import.meta.dirname, '../../src');
const messages = join(root, 'i18n/messages');

type Tree = { [key: string]: string | Tree };
const flat = (tree: Tree, prefix = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value] as [string, string]] : flat(value, `${prefix}${key}.`),
  );
const read = (area: string, language: string): Map<string, string> =>
  new Map(flat(JSON.parse(readFileSync(join(messages, area, `${language}.json`), 'utf8'))));
const bare = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, '');
const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();

const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(svelte|ts)$/.test(file))
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');

describe('the catalogue', () => {
  const areas = readdirSync(messages);
  const keys = new Set(areas.flatMap((area) => [...read(area, 'en').keys()].map(bare)));

  // svelte-check finds keys that do not exist; this finds sentences that nobody says.
  it('holds no sentence that no page uses', () => {
    const literal = new Set([...sources.matchAll(/'([A-Za-z]+(?:\.[A-Za-z0-9_]+)+)'/g)].map((m) => m[1]));
    // Areas whose last part is a code of the server, as in label('risk', level).
    const coded = new Set([
      ...[...sources.matchAll(/\blabel\('([\w.]+)'/g)].map((m) => m[1]),
      ...[...sources.matchAll(/\bof\('([\w.]+)'/g)].map((m) => m[1]),
      'problem.happened',
      'problem.remedy',
    ]);
    const unused = [...keys].filter((key) => !literal.has(key) && !coded.has(key.replace(/\.\w+$/, '')));
    expect(unused).toEqual([]);
  });

  // Areas are spread into one tree: a name that two of them have would hide the first one's sentences.
  it('has no name at the top of two areas', () => {
    const tops = areas.flatMap((area) => Object.keys(JSON.parse(readFileSync(join(messages, area, 'en.json'), 'utf8'))));
    expect(tops.filter((name, i) => tops.indexOf(name) !== i)).toEqual([]);
  });

  it('has a plural form for one and for other wherever it counts', () => {
    for (const area of areas) {
      const en = read(area, 'en');
      for (const key of en.keys()) {
        if (key.endsWith('_one')) expect(en.has(key.replace(/_one$/, '_other')), key).toBe(true);
      }
    }
  });

  for (const area of areas) {
    const english = read(area, 'en');
    for (const file of readdirSync(join(messages, area)).filter((name) => name !== 'en.json')) {
      it(`says everything of ${area} in ${file}, with the same holes`, () => {
        const other = read(area, file.replace('.json', ''));
        const said = new Set([...other.keys()].map(bare));
        expect([...english.keys()].map(bare).filter((key) => !said.has(key))).toEqual([]);
        for (const [key, text] of other) {
          const model = english.get(key) ?? english.get(`${bare(key)}_other`);
          expect(model, `${key} is not in en.json`).toBeDefined();
          expect(holes(text), key).toEqual(holes(model ?? ''));
        }
      });
    }
  }
});

describe('words and numbers', () => {
  it('fills holes and chooses plural forms', () => {
    expect(t('sim.found', { count: 1 })).toBe('1 number');
    expect(t('sim.found', { count: 12480 })).toBe('12,480 numbers');
    expect(t('welcome.title', { name: 'Ada' })).toBe('Welcome, Ada');
  });

  it('shows a code that it does not know as the server wrote it', () => {
    expect(label('job.state', 'running')).toBe('Running');
    expect(label('job.state', 'GONE_FISHING')).toBe('GONE FISHING');
    expect(label('job.state', null)).toBe('–');
  });

  it('writes days, instants of Lagos, spans, sizes and phone numbers', () => {
    expect(day('2026-11-20')).toBe('20 November 2026');
    expect(day('2026-11-20', 'month')).toBe('November 2026');
    expect(day(null)).toBe('not known');
    expect(instant('2026-11-20T23:30:00Z')).toBe('21 November 2026, 00:30');
    expect(duration(0.4)).toBe('less than a second');
    expect(duration(59)).toBe('59 s');
    expect(duration(125)).toBe('2 min 5 s');
    expect(duration(7260)).toBe('2 h 1 min');
    expect(bytes(1_400_000)).toBe('1.4 MB');
    expect(number(2412480)).toBe('2,412,480');
    expect(phone('+2348031234567')).toBe('+234 803 123 4567');
  });
});
