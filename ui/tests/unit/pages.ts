import { QueryClient } from '@tanstack/svelte-query';
import { render } from '@testing-library/svelte';
import type { Component } from 'svelte';
import { vi } from 'vitest';
import { withQuery, type Page } from '$/app/page';
import type { Me } from '$/api/types';
import Within from './Within.svelte';

/** What the server would answer: a body, or a status with one. */
type Answer = unknown | ((request: { url: URL; body: unknown; headers: Headers }) => unknown);
export type Answers = Record<string, Answer>;

/** An answer with a status of its own, such as `refused(412, 'CONFLICT')`. */
export class Refusal {
  constructor(readonly status: number, readonly body: Record<string, unknown>) {}
}
export const refused = (status: number, code: string, errors: unknown[] = []) =>
  new Refusal(status, { status, code, detail: '', requestId: 'req_test', errors });

/** An answer with the version that a change of it must name. */
export const tagged = (body: unknown, tag: string) => () => new Response(JSON.stringify(body), { headers: { ETag: tag } });

/** One request that a page made. */
export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  headers: Headers;
}

const ada: Me = { id: 'usr_1', email: 'ada@example.ng', full_name: 'Ada Obi', role: 'admin', permissions: ['user:manage', 'audit:read', 'sim:read'] };

/**
 * Shows a page as the shell would, in front of a server that answers by
 * `GET /users` and the like; what is not listed is never answered. Returns what was asked for.
 */
export function open(page: Component<{ page: Page }>, answers: Answers, at = '/', params: Record<string, string> = {}, me: Me = ada) {
  const asked: Asked[] = [];
  vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
    const url = new URL(address, 'http://box');
    const method = init.method ?? 'GET';
    const path = url.pathname.replace('/api/v1', '');
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    const headers = new Headers(init.headers);
    if (path === '/auth/me') return new Response(JSON.stringify({ ...me, csrf_token: 'csrf' }));
    asked.push({ method, path, query: url.searchParams, body, headers });
    const answer = answers[`${method} ${path}`];
    if (answer === undefined) return new Promise<Response>(() => undefined);
    const said: unknown = typeof answer === 'function' ? answer({ url, body, headers }) : answer;
    if (said instanceof Response) return said;
    if (said instanceof Refusal) return new Response(JSON.stringify(said.body), { status: said.status });
    return new Response(JSON.stringify(said));
  });
  const went: string[] = [];
  let url = new URL(at, 'http://box');
  const shown: Page = {
    params,
    get query() {
      return url.searchParams;
    },
    me,
    can: (permission) => me.permissions.includes(permission),
    go: (to) => void went.push(to),
    filter: (change) => {
      url = new URL(withQuery(url.searchParams, change), url);
      went.push(url.search);
    },
    refresh: vi.fn(async () => undefined),
    signOut: vi.fn(async () => undefined),
  };
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const view = render(Within, { client, content: page, page: shown });
  return { ...view, asked, went, page: shown, client };
}
