// Without a network: what the service worker keeps, shows and forgets, and how a new version is offered.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { age } from '$/api/age.svelte';
import { RestClient } from '$/api/rest-client';
import Offline from '$/app/Offline.svelte';
import type { Page } from '$/app/page';
import { match } from '$/app/routes';
import { CACHED_AT, LastKnown } from '$/app/service-worker-answers';
import { register } from '$/app/service-worker-client';
import { dismiss, notes } from '$/design/snackbar.svelte';
import { expectAccessible } from './help';

const HOUR = 3_600_000;
const ORIGIN = 'https://box.example';

/** The browser's store of answers, in memory: the order of keys is that of putting, as in browsers. */
class Room {
  readonly caches = new Map<string, Map<string, Response>>();

  async open(name: string): Promise<Cache> {
    const kept = this.caches.get(name) ?? new Map<string, Response>();
    this.caches.set(name, kept);
    const key = (request: RequestInfo | URL) => new URL(request instanceof Request ? request.url : request, ORIGIN).href;
    return {
      match: async (request: RequestInfo) => kept.get(key(request))?.clone(),
      put: async (request: RequestInfo, response: Response) => {
        kept.delete(key(request));
        kept.set(key(request), response);
      },
      delete: async (request: RequestInfo) => kept.delete(key(request)),
      keys: async () => [...kept.keys()].map((url) => new Request(url)),
      addAll: async (requests: Request[]) => requests.forEach((r) => kept.set(key(r), new Response(`first ${r.url}`))),
    } as unknown as Cache;
  }
  keys = async () => [...this.caches.keys()];
  delete = async (name: string) => this.caches.delete(name);
}

let room: Room;
let now: number;
let network: (request: Request) => Promise<Response>;
let work: Promise<unknown>[];
let worker: LastKnown;

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
const gone = () => Promise.reject(new TypeError('Failed to fetch'));
const ask = (path: string, method = 'GET') =>
  worker.handle(new Request(`${ORIGIN}/api/v1/${path}`, { method }), (w) => work.push(w.catch(() => undefined)));
const read = async (path: string) => {
  const response = await ask(path);
  await settle();
  return response;
};
const settle = async () => {
  while (work.length) await Promise.all(work.splice(0));
};
const kept = () => [...(room.caches.get('answers')?.keys() ?? [])];

beforeEach(() => {
  room = new Room();
  now = Date.parse('2026-11-22T12:00:00Z');
  work = [];
  worker = new LastKnown('answers', { caches: room as never, fetch: (request) => network(request), now: () => now });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the last known state', () => {
  it('is what the server said, with the time it said it, when the network is gone', async () => {
    network = async () => json({ total: 7 });
    const fresh = await read('dashboard/stats');
    expect(fresh?.headers.has(CACHED_AT)).toBe(false);
    now += HOUR;
    network = gone;
    const old = await read('dashboard/stats');
    expect(await old?.json()).toEqual({ total: 7 });
    expect(old?.headers.get(CACHED_AT)).toBe('2026-11-22T12:00:00.000Z');
    await expect(ask('dashboard/trends?days=30')).rejects.toThrow(TypeError);
  });

  it('is kept for each address with its filters, for what pages read', async () => {
    network = async (request) => json({ url: request.url });
    const pages = ['auth/me', 'dashboard/trends?days=30', 'recycled-sims?q=803&skip=25', 'recycled-sims/sim_1', 'jobs', 'jobs/job_1', 'operators?limit=100', 'banks', 'inventories', 'nin-linkages', 'bvn-linkages?is_active=true', 'identity/conflicts'];
    for (const path of pages) await read(path);
    expect(kept()).toEqual(pages.map((path) => `${ORIGIN}/api/v1/${path}`));
  });

  it('never holds sign-in, reveals, number checks, audit, people, keys or files', async () => {
    network = async () => json({});
    const never = ['auth/sessions', 'auth/setup', 'audit-logs', 'audit-logs/1/proof', 'audit-export', 'users', 'users/1', 'api-keys', 'identity/msisdn/2348030000001/status', 'identity/msisdn/2348030000001/lookups', 'identity/lookup?msisdn=1', 'recycling-checks/2348030000001', 'jobs/job_1/errors.csv', 'jobs/job_1/result.csv', 'reveals/recycled-sims/sim_1'];
    for (const path of never) expect(ask(path), path).toBeUndefined();
    for (const path of ['reveals/recycled-sims/sim_1', 'recycled-sims', 'nin-linkages/verify']) expect(ask(path, 'POST'), path).toBeUndefined();
    for (const path of ['/metrics', '/assets/x.js', '/ws/jobs']) expect(worker.handle(new Request(ORIGIN + path), () => {})).toBeUndefined();
    expect(kept()).toEqual([]);
  });

  it('stands in for a server that takes longer than three seconds, and the late answer is kept', async () => {
    network = async () => json({ round: 1 });
    await read('jobs');
    vi.useFakeTimers();
    let late = (_: Response) => {};
    network = () => new Promise((done) => (late = done));
    const answer = ask('jobs');
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await (await answer)?.json()).toEqual({ round: 1 });
    vi.useRealTimers();
    late(json({ round: 2 }));
    await settle();
    network = gone;
    expect(await (await read('jobs'))?.json()).toEqual({ round: 2 });
  });

  it('does not stand in for a slow server after a change, which would show it undone', async () => {
    network = async () => json({ round: 1 });
    await read('recycled-sims/sim_1');
    now += 1_000;
    ask('recycled-sims/sim_1', 'PATCH');
    vi.useFakeTimers();
    let late = (_: Response) => {};
    network = () => new Promise((done) => (late = done));
    const answer = ask('recycled-sims/sim_1');
    await vi.advanceTimersByTimeAsync(4_000);
    late(json({ round: 2 }));
    expect(await (await answer)?.json()).toEqual({ round: 2 });
  });

  it('stands in while a proxy says that the server is away, not when the server refuses', async () => {
    network = async () => json({ round: 1 });
    await read('jobs');
    for (const status of [502, 503, 504]) {
      network = async () => json({}, status);
      expect(await (await read('jobs'))?.json(), String(status)).toEqual({ round: 1 });
    }
    for (const status of [401, 422, 500]) {
      network = async () => json({}, status);
      expect((await read('jobs'))?.status).toBe(status);
    }
    expect(kept()).toHaveLength(1);
    network = async () => json({}, 403);
    expect((await read('jobs'))?.status).toBe(403);
    expect(kept()).toEqual([]);
  });

  it('is not shown after a week', async () => {
    network = async () => json({});
    await read('jobs');
    network = gone;
    now += 167 * HOUR;
    expect(await read('jobs')).toBeDefined();
    now += 2 * HOUR;
    await expect(ask('jobs')).rejects.toThrow(TypeError);
  });

  it('takes 200 answers and no long one, and the oldest make room', async () => {
    network = async (request) => json(request.url.endsWith('/long') ? 'x'.repeat(100_001) : {});
    await read('jobs/long');
    expect(kept()).toEqual([]);
    for (let i = 0; i < 203; i++) await read(`jobs/job_${i}`);
    expect(kept()).toHaveLength(200);
    expect(kept()[0]).toBe(`${ORIGIN}/api/v1/jobs/job_3`);
  });
});

describe('a shared phone', () => {
  const ada = { id: 'usr_1', role: 'admin', permissions: ['sim:read'], csrf_token: 'secret', last_login: 'a' };

  it('keeps who is signed in, without their token', async () => {
    network = async () => json(ada);
    await read('auth/me');
    network = gone;
    const me = await (await read('auth/me'))?.text();
    expect(me).toContain('usr_1');
    expect(me).not.toContain('secret');
  });

  it('forgets what a person saw as soon as another is signed in, or the rights have changed', async () => {
    for (const next of [{ ...ada, id: 'usr_2' }, { ...ada, permissions: [] }, { ...ada, role: 'bank', bank_code: '044' }]) {
      network = async (request) => json(request.url.endsWith('/me') ? ada : {});
      await read('auth/me');
      await read('jobs');
      network = async () => json({ ...ada, last_login: 'b' });
      await read('auth/me');
      expect(kept()).toHaveLength(2);
      network = async () => json(next);
      await read('auth/me');
      expect(kept()).toEqual([`${ORIGIN}/api/v1/auth/me`]);
    }
  });

  it('forgets everything at the door, in and out, even without a network', async () => {
    for (const path of ['auth/login', 'auth/logout', 'auth/setup']) {
      network = async () => json({});
      await read('jobs');
      network = gone;
      expect(ask(path, 'POST')).toBeUndefined();
      await settle();
      expect(kept(), path).toEqual([]);
    }
  });

  it('forgets everything when the session cannot be renewed, and nothing when it can', async () => {
    network = async () => json({});
    await read('jobs');
    expect((await ask('auth/refresh', 'POST'))?.status).toBe(200);
    expect(kept()).toHaveLength(1);
    network = async () => json({}, 401);
    expect((await ask('auth/refresh', 'POST'))?.status).toBe(401);
    expect(kept()).toEqual([]);
  });

  it('does not keep an answer that was on its way when its reader left', async () => {
    let come = (_: Response) => {};
    network = () => new Promise((done) => (come = done));
    const answer = ask('jobs');
    ask('auth/logout', 'POST');
    come(json({}));
    await answer;
    await settle();
    expect(kept()).toEqual([]);
  });
});

describe('the service worker', () => {
  const build = { hash: 'abc', first: ['/index.html', '/assets/index-1.js'], whenUsed: ['/assets/ha-1.js'] };
  const asked: string[] = [];

  const send = (type: string, parts: object = {}) => {
    const waits: Promise<unknown>[] = [];
    let answer: Promise<Response> | undefined;
    const event = Object.assign(new Event(type), parts, {
      waitUntil: (w: Promise<unknown>) => waits.push(w),
      respondWith: (a: Promise<Response>) => (answer = a),
    });
    dispatchEvent(event);
    return { done: Promise.all(waits), answer };
  };
  const get = (path: string, mode = 'cors') => send('fetch', { request: { url: location.origin + path, method: 'GET', mode } }).answer;

  it('fills its own room, clears those of other builds, and serves the pages from it', async () => {
    vi.stubGlobal('BUILD', build);
    vi.stubGlobal('caches', room);
    vi.stubGlobal('clients', { claim: vi.fn() });
    vi.stubGlobal('skipWaiting', vi.fn());
    vi.stubGlobal('Request', class extends Request { constructor(input: RequestInfo, init?: RequestInit) { super(new URL(String(input), ORIGIN), init); } });
    vi.stubGlobal('fetch', async (request: { url: string }) => (asked.push(request.url), new Response('from the network')));
    await import('$/app/service-worker');
    room.caches.set('shell-old', new Map());
    room.caches.set('answers-old', new Map());

    await send('install').done;
    await send('activate').done;
    expect(await room.keys()).toEqual(['shell-abc']);
    expect((globalThis as unknown as { clients: { claim: unknown } }).clients.claim).toHaveBeenCalled();

    const pages = ['/', '/sims', '/sims/sim_1', '/setup', '/apiary'];
    for (const page of pages) expect(await (await get(page, 'navigate'))?.text(), page).toContain('/index.html');
    expect(await (await get('/assets/index-1.js'))?.text()).toContain('first');
    expect(asked).toEqual([]);
    expect(await (await get('/assets/ha-1.js'))?.text()).toBe('from the network');
    expect(await (await get('/assets/ha-1.js'))?.text()).toBe('from the network');
    expect(asked).toHaveLength(1);
    expect(get('/assets/other-1.js')).toBeUndefined();
    expect(get('/api/v1/jobs/job_1/errors.csv', 'navigate')).toBeUndefined();
    expect(send('fetch', { request: { url: 'https://elsewhere.example/', method: 'GET', mode: 'navigate' } }).answer).toBeUndefined();

    // It takes over when it is told to, never by itself.
    const skip = (globalThis as unknown as { skipWaiting: unknown }).skipWaiting;
    send('message', { data: 'anything' });
    expect(skip).not.toHaveBeenCalled();
    send('message', { data: 'activate' });
    expect(skip).toHaveBeenCalledTimes(1);

    // What the server draws itself is never taken for a page.
    const routes = readFileSync(join(import.meta.dirname, '../../../app/testdata/matrix.txt'), 'utf8').matchAll(/^GET +(\/[^/\s{]+)/gm);
    const own = [...new Set([...routes].map((m) => m[1] ?? ''))].filter((path) => path !== '/api' && !path.includes('{'));
    expect(own).toContain('/guide');
    vi.stubGlobal('fetch', gone);
    vi.stubGlobal('Response', class extends Response { static redirect(url: string) { return new Response(`to ${url}`); } });
    for (const path of own) expect(await (await get(path, 'navigate'))?.text(), path).toBe(`to /offline?next=${encodeURIComponent(path)}`);
  });
});

describe('a new version', () => {
  class Workers extends EventTarget {
    controller: object | null = {};
    registration = Object.assign(new EventTarget(), {
      waiting: undefined as undefined | { postMessage: (text: string) => void },
      installing: undefined as undefined | (EventTarget & { state: string }),
      update: vi.fn(async () => {}),
    });
    register = vi.fn(async () => this.registration);
  }
  let workers: Workers;
  beforeEach(() => {
    for (const note of [...notes]) dismiss(note.id);
    workers = new Workers();
    Object.defineProperty(navigator, 'serviceWorker', { value: workers, configurable: true });
    vi.stubGlobal('setInterval', vi.fn());
  });
  afterEach(() => Reflect.deleteProperty(navigator, 'serviceWorker'));

  it('is offered in a note, and taken only when the note is pressed', async () => {
    await register(vi.fn());
    expect(notes).toEqual([]);
    const coming = Object.assign(new EventTarget(), { state: 'installing' });
    workers.registration.installing = coming;
    workers.registration.dispatchEvent(new Event('updatefound'));
    const postMessage = vi.fn();
    workers.registration.waiting = { postMessage };
    coming.state = 'installed';
    coming.dispatchEvent(new Event('statechange'));
    expect(notes.map((note) => note.text)).toEqual(['A new version is ready.']);
    expect(postMessage).not.toHaveBeenCalled();
    const action = notes[0]?.action;
    if (!action || !('run' in action)) throw new Error('the note does nothing');
    expect(action.label).toBe('Reload');
    action.run();
    expect(postMessage).toHaveBeenCalledWith('activate');
  });

  it('is no news on the first visit, whose answers are asked for once more', async () => {
    const first = vi.fn();
    workers.controller = null;
    workers.registration.waiting = { postMessage: vi.fn() };
    await register(first);
    expect(notes).toEqual([]);
    workers.dispatchEvent(new Event('controllerchange'));
    expect(first).toHaveBeenCalledTimes(1);
  });

  it('comes through the one policy that the server names', async () => {
    const createPolicy = vi.fn((_: string, rules: { createScriptURL: (url: string) => string }) => rules);
    vi.stubGlobal('trustedTypes', { createPolicy });
    await register(vi.fn());
    expect(createPolicy.mock.calls[0]?.[0]).toBe('service-worker');
    expect(workers.register).toHaveBeenCalledWith('/service-worker.js', { updateViaCache: 'none' });
    expect(() => createPolicy.mock.calls[0]?.[1].createScriptURL('/evil.js')).toThrow(TypeError);
  });

  it('is not missed where the browser has no workers or refuses this one', async () => {
    workers.register.mockRejectedValueOnce(new Error('no secure context'));
    await register(vi.fn());
    Reflect.deleteProperty(navigator, 'serviceWorker');
    await register(vi.fn());
    expect(notes).toEqual([]);
  });
});

describe('a page without a network', () => {
  it('knows the age of what it shows', async () => {
    const headers = { [CACHED_AT]: '2026-11-22T11:30:00Z' };
    vi.stubGlobal('fetch', async () => new Response('{"items":[]}', { headers }));
    const api = new RestClient();
    await api.get('/jobs');
    expect(age.cachedAt?.toISOString()).toBe('2026-11-22T11:30:00.000Z');
    vi.stubGlobal('fetch', async () => new Response('{"items":[]}'));
    await api.get('/jobs');
    expect(age.cachedAt).toBeUndefined();
  });

  it('says that a change needs the network, and tries nothing twice', async () => {
    const fetches: string[] = [];
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      fetches.push(`${init.method} ${url}`);
      if (init.method === 'GET') return new Response('{"permissions":[]}', { headers: { [CACHED_AT]: '2026-11-22T11:30:00Z' } });
      throw new TypeError('Failed to fetch');
    });
    await expect(new RestClient().post('/recycled-sims/detect')).rejects.toMatchObject({
      code: 'NEEDS_NETWORK',
      happened: 'This needs the network, and the server did not answer.',
    });
    // The token is asked for first: a page that was opened without a network has none.
    expect(fetches).toEqual(['GET /api/v1/auth/me', 'POST /api/v1/recycled-sims/detect']);
  });

  it('has a page for what it cannot show, with the age of what is there', async () => {
    age.note(new Date('2026-11-22T11:30:00Z'), true);
    const page = { query: new URLSearchParams('next=/guide') } as Page;
    const { container } = render(Offline, { page });
    expect(screen.getByRole('alert').textContent).toContain('as it was on 22 November 2026, 12:30');
    await expectAccessible(container);
    age.note(new Date(), false);
  });
});

describe('the installed application', () => {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../public/manifest.webmanifest'), 'utf8'));

  it('has the icons that systems ask for, small ones', () => {
    const wanted = ['192x192 any', '512x512 any', '512x512 maskable'];
    const icons: { src: string; sizes: string; purpose: string }[] = manifest.icons;
    expect(icons.map((icon) => `${icon.sizes} ${icon.purpose}`)).toEqual(expect.arrayContaining(wanted));
    for (const { src, sizes } of icons.filter((icon) => icon.src.endsWith('.png'))) {
      const bytes = readFileSync(join(import.meta.dirname, '../../public', src));
      expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`).toBe(sizes);
      expect(bytes.length).toBeLessThan(10_000);
    }
    expect(existsSync(join(import.meta.dirname, '../../public/icon.svg'))).toBe(true);
  });

  it('leads with its short cuts to pages that exist', () => {
    for (const { url } of [...manifest.shortcuts, { url: manifest.start_url }]) expect(match(url).route.path, url).toBe(url);
  });
});
