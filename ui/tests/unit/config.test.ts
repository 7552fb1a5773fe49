import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { About as AboutAnswer, Setting } from '$/api/types';
import About from '$/about/About.svelte';
import Account from '$/account/Account.svelte';
import { grouped, inFile } from '$/config/setting';
import Settings from '$/config/Settings.svelte';
import { expectAccessible } from './help';
import { open, refused } from './pages';

afterEach(() => vi.unstubAllGlobals());

const setting = (key: string, more: Partial<Setting> = {}): Setting => ({
  key, value: '', source: 'default', kind: 'default', help: 'As the server says.', env: `RECONEXUS_${key.toUpperCase().replace('.', '_')}`, secret: false, set: false, ...more,
});
const items = [
  setting('data', { value: '/var/lib/reconexus', set: true }),
  setting('http.addr', { value: '127.0.0.1:8080', source: 'RECONEXUS_HTTP_ADDR', kind: 'environment', set: true }),
  setting('http.brand_new'),
  setting('sentry.dsn', { secret: true, set: true, source: '/run/secrets/dsn', kind: 'file' }),
];
const settings = { items, warnings: ['RECONEXUS_HTTP_ADR is no setting.'], file: '/etc/reconexus/reconexus.toml' };

describe('a setting', () => {
  it('stands under its section in the file', () => {
    expect(inFile('http.addr')).toEqual({ section: 'http', name: 'addr' });
    expect(inFile('data')).toEqual({ section: '', name: 'data' });
  });

  it('is found by key, variable, words and source', () => {
    const keys = (words: string, kind = '') => grouped(items, words, kind).flatMap(([, list]) => list.map((s) => s.key));
    expect(keys('')).toEqual(['data', 'http.addr', 'http.brand_new', 'sentry.dsn']);
    expect(keys('RECONEXUS_SENTRY')).toEqual(['sentry.dsn']);
    expect(keys('proxy in front')).toEqual(['http.addr']);
    expect(keys('', 'file')).toEqual(['sentry.dsn']);
    expect(grouped(items, '', '').map(([name]) => name)).toEqual(['general', 'http', 'sentry']);
  });
});

describe('the settings', () => {
  it('show value, source and the way to change each; of a secret only that it is set', async () => {
    const { container } = open(Settings, { 'GET /settings': settings });
    await screen.findByText('RECONEXUS_HTTP_ADR is no setting.');
    expect(screen.getByText('127.0.0.1:8080')).toBeTruthy();
    expect(screen.getByText('Set; nobody can read it here')).toBeTruthy();
    expect(screen.getByText('RECONEXUS_SENTRY_DSN_FILE')).toBeTruthy();
    expect(screen.getByText('[http] addr = "…"')).toBeTruthy();
    expect(screen.getByText('As the server says.')).toBeTruthy();
    await expectAccessible(container);
  });

  it('say when none fits, and what went wrong', async () => {
    const none = open(Settings, { 'GET /settings': settings }, '/settings?q=nonsense');
    await screen.findByText('Nothing matches');
    none.unmount();
    open(Settings, { 'GET /settings': refused(500, 'INTERNAL') });
    expect(within(await screen.findByRole('alert')).getByText('req_test')).toBeTruthy();
  });
});

const about: AboutAnswer = {
  version: '1.2.3', commit: '0123456789abcdef', go: 'go1.26', platform: 'linux/amd64', started_at: '2026-11-20T09:00:00Z', uptime_seconds: 7260,
  parts: [{ name: 'store', ok: true }, { name: 'jobs', ok: true, counts: { paused: 0, queued: 2, running: 1 } }, { name: 'live', ok: true }, { name: 'disk', ok: false }],
  schema: 2, modules: [{ path: 'example.org/module', version: 'v1.0.0' }],
};

describe('about', () => {
  it('tells what is not well and what to do about it', async () => {
    const { container } = open(About, { 'GET /about': about });
    await screen.findByText('Not well');
    expect(screen.getByText(/Less than 5 GB are free/)).toBeTruthy();
    expect(screen.getByText('running: 1 · waiting: 2 · paused: 0')).toBeTruthy();
    expect(screen.getByText('2 h 1 min')).toBeTruthy();
    expect(screen.queryByText('Database'), 'places are for administrators').toBeNull();
    await expectAccessible(container);
  });

  it('tells administrators where the data are and how large', async () => {
    const place = { folder: '/var/lib/reconexus', database_bytes: 1_400_000, jobs_bytes: 0, cache_bytes: 0, other_bytes: 151, free_bytes: 5e9, disk_bytes: 1e10 };
    open(About, { 'GET /about': { ...about, place } });
    expect(await screen.findByText('/var/lib/reconexus')).toBeTruthy();
    expect(screen.getByText('1.4 MB')).toBeTruthy();
    expect(screen.getByText('5.0 GB of 10.0 GB')).toBeTruthy();
  });
});

describe('my account', () => {
  const session = (id: string, current = false) => ({
    id, current, address: '192.0.2.7', agent: 'Mozilla/5.0 (Linux; Android 14) Chrome/140 Mobile', created_at: '2026-11-20T09:00:00Z', seen_at: '2026-11-20T09:00:00Z', expires_at: '2026-12-20T09:00:00Z',
  });
  const roles = { items: [], permissions: [{ code: 'sim:read', what: '', wide: false }, { code: 'audit:read', what: '', wide: true }], scopes: [] };

  it('says in sentences what I may do', async () => {
    const { container } = open(Account, { 'GET /roles': roles, 'GET /auth/sessions': { items: [session('ses_1', true)], total: 1, skip: 0, limit: 100 } });
    expect(await screen.findByText('Read, export and verify the audit log, and see the conflicts')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Sign out everywhere else' }), 'there is nowhere else').toBeNull();
    await expectAccessible(container);
  });

  it('signs out everywhere else, also where a session has ended by itself', async () => {
    const sessions = [session('ses_1', true), session('ses_2'), session('ses_3')];
    const { asked } = open(Account, {
      'GET /roles': roles, 'GET /auth/sessions': { items: sessions, total: 3, skip: 0, limit: 100 },
      'DELETE /auth/sessions/ses_2': refused(404, 'NOT_FOUND'), 'DELETE /auth/sessions/ses_3': {},
    });
    await fireEvent.click(await screen.findByRole('button', { name: 'Sign out everywhere else' }));
    const dialog = screen.getByRole('dialog', { name: 'Sign out everywhere else?' });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Sign out everywhere else' }));
    await screen.findByText('You are signed in here only.');
    expect(asked.filter((a) => a.method === 'DELETE').map((a) => a.path)).toEqual(['/auth/sessions/ses_2', '/auth/sessions/ses_3']);
    await waitFor(() => expect(asked.filter((a) => a.path === '/auth/sessions').length).toBe(2));
  });
});
