import { describe, expect, it } from 'vitest';
import { nextOf } from '$/account/arrive';
import { device } from '$/account/device';
import { tooLong, tooShort } from '$/account/password';
import { withQuery } from '$/app/page';
import { match, routes } from '$/app/routes';

describe('routes', () => {
  it('find a page and its named parts', () => {
    expect(match('/').route.path).toBe('/');
    expect(match('/sims/').route.path).toBe('/sims');
    expect(match('/sims/sim_1')).toMatchObject({ route: { path: '/sims/{id}' }, params: { id: 'sim_1' } });
    expect(match('/sims/a%2Fb').params).toEqual({ id: 'a/b' });
  });

  it('have a page for addresses that lead nowhere', () => {
    for (const path of ['/x', '/sims/1/2', '/sims/%E0%A4%A/x']) expect(match(path).route.path, path).toBe('');
  });

  it('fill a phone’s bar with four places at most, as the fifth opens all others', () => {
    expect(routes.filter((r) => r.place).length).toBeLessThanOrEqual(4);
  });
});

describe('the query', () => {
  it('begins at the first page again when a filter changes', () => {
    const query = new URLSearchParams('q=803&skip=50');
    expect(withQuery(query, { q: '805' })).toBe('?q=805');
    expect(withQuery(query, { skip: '75' })).toBe('?q=803&skip=75');
    expect(withQuery(query, { q: '', skip: '' })).toBe('?');
  });
});

describe('the door', () => {
  it('leads back to pages of this site only', () => {
    const next = (value: string) => nextOf(new URLSearchParams({ next: value }));
    expect(next('/sims?q=1')).toBe('/sims?q=1');
    for (const bad of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '']) {
      expect(next(bad), bad).toBe('/');
    }
  });

  it('measures passwords in bytes, as bcrypt does', () => {
    expect(tooShort('elf letters')).toBe(true);
    expect(tooShort('twelve bytes')).toBe(false);
    expect(tooLong('ẹ'.repeat(25))).toBe(true);
    expect(tooLong('e'.repeat(72))).toBe(false);
  });

  it('names devices', () => {
    expect(device('Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36')).toBe('Chrome · Android');
    expect(device('Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537.36 Edg/140')).toBe('Edge · Windows');
    expect(device(undefined)).toBe('');
  });
});
