// The clients against real servers on loopback: no part of ours is played by another.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Channel } from '$/api/live.svelte';
import { asProblem, Problem } from '$/api/problem';
import { address, RestClient } from '$/api/rest-client';

// Vitest looks for the browser's halves of packages, and this one is the server's.
const { WebSocketServer, WebSocket: NodeSocket } = createRequire(import.meta.url)('../../node_modules/ws/index.js') as typeof import('ws');

interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
}
type Answer = { status?: number; body?: unknown; headers?: Record<string, string> };

let server: Server;
let seen: Seen[];
let answer: (request: Seen) => Answer;
const realFetch = globalThis.fetch;

beforeEach(async () => {
  seen = [];
  server = createServer((req, res) => {
    const request = { method: req.method ?? '', path: req.url ?? '', headers: req.headers };
    seen.push(request);
    const { status = 200, body = {}, headers = {} } = answer(request);
    res.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => realFetch(origin + path, { ...init, signal: undefined }));
});

afterEach(() => {
  vi.unstubAllGlobals();
  server.close();
});

describe('the REST client', () => {
  it('carries the CSRF token and an idempotency key on changes only', async () => {
    answer = () => ({ body: { csrf_token: 'abc', permissions: [] } });
    const api = new RestClient();
    await api.me();
    await api.post('/recycled-sims/detect');
    expect(seen[0]?.headers).not.toHaveProperty('x-csrf-token');
    expect(seen[1]?.headers['x-csrf-token']).toBe('abc');
    expect(seen[1]?.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('renews a session that ran out, once for all requests that wait, and sends them again', async () => {
    let renewed = 0;
    answer = ({ path }) => {
      if (path === '/api/v1/auth/refresh') return (renewed++, { body: { csrf_token: 'new' } });
      return renewed ? { body: { items: [] } } : { status: 401 };
    };
    const api = new RestClient();
    const lists = await Promise.all([api.get('/jobs'), api.get('/operators'), api.get('/inventories')]);
    expect(renewed).toBe(1);
    expect(lists).toEqual([{ items: [] }, { items: [] }, { items: [] }]);
  });

  it('says so once when the session cannot be renewed', async () => {
    answer = () => ({ status: 401, body: { detail: 'Sign in first.', code: 'UNAUTHENTICATED' } });
    const api = new RestClient();
    api.onSignedOut = vi.fn();
    await expect(api.get('/jobs')).rejects.toMatchObject({ status: 401 });
    expect(api.onSignedOut).toHaveBeenCalledTimes(1);
    expect(seen.filter((r) => r.path.endsWith('/auth/refresh'))).toHaveLength(1);
  });

  it('takes a 401 at the door as the answer that it is', async () => {
    answer = () => ({ status: 401, body: { detail: 'The password is wrong.' } });
    const api = new RestClient();
    api.onSignedOut = vi.fn();
    await expect(api.signIn('/auth/login', { email: 'a', password: 'b' })).rejects.toThrow('The password is wrong.');
    expect(api.onSignedOut).not.toHaveBeenCalled();
    expect(seen).toHaveLength(1);
  });

  it('fills paths and leaves empty filters out', () => {
    expect(address('/jobs/{id}/cancel', { params: { id: 'a/b' } })).toBe('/api/v1/jobs/a%2Fb/cancel');
    expect(address('/jobs', { query: { state: '', kind: undefined, skip: 0 } })).toBe('/api/v1/jobs?skip=0');
  });
});

describe('a problem', () => {
  const failing = async (reply: Answer) => {
    answer = () => reply;
    return asProblem(await new RestClient().get('/jobs').catch((thrown: unknown) => thrown));
  };

  it('is the server’s sentence, with what to do and the request id', async () => {
    const problem = await failing({ status: 409, body: { detail: 'Taken already by job_7f3k.', code: 'CONFLICT', requestId: 'req_1' } });
    expect(problem).toMatchObject({ happened: 'Taken already by job_7f3k.', requestId: 'req_1', jobId: 'job_7f3k' });
    expect(problem.remedy).not.toBe('');
  });

  it('names the field that is wrong', async () => {
    const errors = [{ field: 'body.password', code: 'TOO_SHORT', message: 'Use 12 characters.' }];
    const problem = await failing({ status: 422, body: { detail: 'x', errors } });
    expect(problem.field('password')).toBe('Use 12 characters.');
    expect(problem.field('email')).toBeUndefined();
  });

  it('is a sentence even when a proxy answers with a page', async () => {
    const problem = await failing({ status: 502, body: '<html>Bad gateway</html>', headers: { 'X-Request-ID': 'req_9' } });
    expect(problem).toMatchObject({ code: 'INTERNAL', requestId: 'req_9' });
    expect(problem.happened).toBe('The server stumbled over this request.');
  });

  it('says how long to wait', async () => {
    const problem = await failing({ status: 429, headers: { 'Retry-After': '30' } });
    expect(problem.remedy).toBe('Wait 30 seconds and try again.');
  });

  it('knows a line that is down', () => {
    expect(asProblem(new TypeError('Failed to fetch')).code).toBe('OFFLINE');
    expect(new Problem(0, { code: 'NEVER_HEARD' }).happened).toBe('Something went wrong on this page.');
  });
});

describe('a live channel', () => {
  it('hears events, comes back after a break, and asks for what it missed', async () => {
    const urls: string[] = [];
    const hub = new WebSocketServer({ server });
    hub.on('connection', (socket, request) => {
      urls.push(request.url ?? '');
      socket.send('not json');
      socket.send(JSON.stringify({ id: `e${urls.length}`, channel: 'jobs', type: 'job.updated', at: '', data: { id: 'job_1' } }));
      if (urls.length === 1) setTimeout(() => socket.terminate(), 20);
    });
    const port = (server.address() as AddressInfo).port;
    vi.stubGlobal('WebSocket', class extends NodeSocket {
      constructor(url: string) {
        const { pathname, search } = new URL(url);
        super(`ws://127.0.0.1:${port}${pathname}${search}`);
      }
    });

    const renew = vi.fn().mockResolvedValue(undefined);
    const channel = new Channel('jobs', renew);
    const heard: string[] = [];
    const stop = channel.listen((event) => heard.push(event.id));
    await vi.waitFor(() => expect(channel.connection).toBe('waiting'), 2_000);
    await vi.waitFor(() => expect(heard).toEqual(['e1', 'e2']), 4_000);
    expect(urls).toEqual(['/ws/jobs', '/ws/jobs?last_event_id=e1']);
    expect(renew).toHaveBeenCalledTimes(1);
    stop();
    expect(channel.connection).toBe('idle');
    hub.close();
  });
});
