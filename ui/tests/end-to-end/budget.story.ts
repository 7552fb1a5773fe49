// What the pages cost before they can be used, by the files that the build left.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const pages = join(import.meta.dirname, '../../../embed/dist/pages');
const assets = join(pages, 'assets');

/** Bytes over the line, compressed: what the first screen needs, and any page with all that it fetches later. */
const INITIAL = 90_000;
const ROUTE = 150_000;

/** What a script needs before it runs, and what it may fetch later. */
interface Script {
  size: number;
  needs: string[];
  later: string[];
}

const scripts = new Map<string, Script>();
for (const name of readdirSync(assets).filter((file) => file.endsWith('.js'))) {
  const text = readFileSync(join(assets, name), 'utf8');
  const found = (pattern: RegExp) => [...text.matchAll(pattern)].map((m) => m[1] ?? '');
  scripts.set(name, {
    size: statSync(join(assets, `${name}.gz`)).size,
    needs: found(/(?:\bfrom|\bimport)\s*["'`]\.\/([^"'`]+\.js)["'`]/g),
    later: found(/\bimport\(\s*["'`]\.\/([^"'`]+\.js)["'`]\s*\)/g),
  });
}

/** A script with everything that it needs, and that needs. */
function whole(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const next of scripts.get(name)?.needs ?? []) whole(next, seen);
  return seen;
}
const weigh = (names: Iterable<string>) => [...names].reduce((sum, name) => sum + (scripts.get(name)?.size ?? 0), 0);

const entry = /src="\/assets\/([^"]+\.js)"/.exec(readFileSync(join(pages, 'index.html'), 'utf8'))?.[1] ?? '';
const start = whole(entry);
/** The pages, by the names of their files. */
const routes = [...start].flatMap((name) => scripts.get(name)?.later ?? []).filter((name) => /^[A-Z]/.test(name));

describe('the weight of the pages', () => {
  it('is known for all of them', () => {
    expect(routes.length).toBeGreaterThan(8);
    expect([...scripts.keys()]).toEqual(expect.arrayContaining([entry, ...routes]));
  });

  it('shows the first pages soon: the doors, and the dashboard before its chart comes', () => {
    const firsts = routes.filter((name) => /^(SignIn|SetUp|Dashboard)-/.test(name));
    expect(firsts).toHaveLength(3);
    for (const name of firsts) {
      const first = whole(name, new Set(start));
      expect(weigh(first), `${name}: ${[...first].join(' ')}`).toBeLessThan(INITIAL);
    }
  });

  it('leaves every page light, with all that it fetches later', () => {
    const heavy = routes
      .map((name) => {
        const all = whole(name, new Set(start));
        // Other languages are catalogues of words; everything else that a page can ask for counts.
        for (const later of [...all].flatMap((script) => (start.has(script) ? [] : (scripts.get(script)?.later ?? [])))) whole(later, all);
        return { name, size: weigh(all) };
      })
      .filter(({ size }) => size > ROUTE);
    expect(heavy).toEqual([]);
  });
});
