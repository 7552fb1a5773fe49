import { Problem, problemFrom, problemOf } from './problem';
import type * as T from './types';

/** What each GET route answers. */
export interface Gets {
  '/auth/setup': { needed: boolean };
  '/auth/me': T.Me;
  '/auth/sessions': T.List<T.Session>;
  '/dashboard/stats': T.Stats;
  '/dashboard/trends': T.Trends;
  '/inventories': T.List<T.Feed>;
  '/jobs': T.List<T.Job>;
  '/jobs/{id}': T.Job;
  '/operators': T.List<T.Operator>;
  '/recycled-sims': T.SimList;
  '/recycled-sims/{id}': T.SimDetail;
}

/** What each POST route answers. */
export interface Posts {
  '/auth/login': T.CookieGrant;
  '/auth/setup': T.CookieGrant;
  '/auth/refresh': T.CookieGrant;
  '/auth/logout': unknown;
  '/auth/password': unknown;
  '/demo-data': T.JobRef;
  '/jobs/{id}/cancel': T.Job;
  '/jobs/{id}/resume': T.Job;
  '/recycled-sims/detect': T.JobRef;
}

/** What each upload route answers: they all take a raw file and start a job. */
export type Uploads = '/inventories/{operator}' | '/recycled-sims/imports' | '/linkages/imports';

/** What a query string may carry; what is empty is left out. */
export type Query = Record<string, string | number | boolean | undefined | null>;

interface Options {
  params?: Record<string, string>;
  query?: Query;
  signal?: AbortSignal;
}

interface UploadOptions extends Options {
  /** Called with the bytes that have left and the bytes of the file. */
  onProgress?: (sent: number, total: number) => void;
}

export const BASE = '/api/v1';

/** Routes on which a 401 is an answer, not a session that ran out. */
const SIGN_IN_ROUTES = new Set(['/auth/login', '/auth/setup', '/auth/refresh']);

/**
 * The browser's side of the REST contract: cookies carry the session, each
 * change carries the CSRF token, and a 401 is answered by one silent refresh
 * before the person is asked to sign in again.
 */
export class RestClient {
  /** Called once when the session cannot be renewed. */
  onSignedOut: () => void = () => {};
  #csrf: string | undefined;
  #refreshing: Promise<boolean> | undefined;

  get<P extends keyof Gets>(path: P, options: Options = {}): Promise<Gets[P]> {
    return this.#send('GET', path, options);
  }

  post<P extends keyof Posts>(path: P, body: unknown = {}, options: Options = {}): Promise<Posts[P]> {
    return this.#send('POST', path, options, body);
  }

  patchMe(body: { full_name: string }): Promise<T.Me> {
    return this.#send('PATCH', '/auth/me', {}, body);
  }

  endSession(id: string): Promise<unknown> {
    return this.#send('DELETE', '/auth/sessions/{id}', { params: { id } });
  }

  /** Asks who is signed in, and keeps the CSRF token that comes with the answer. */
  async me(): Promise<T.Me> {
    const me = await this.get('/auth/me');
    this.#csrf = me.csrf_token ?? this.#csrf;
    return me;
  }

  /** Opens a session, by password or by the one-time set-up token. */
  async signIn(path: '/auth/login' | '/auth/setup', body: Record<string, string>): Promise<void> {
    const grant = await this.post(path, { ...body, cookie: true });
    this.#csrf = grant.csrf_token;
  }

  /**
   * Sends a file as it is. XMLHttpRequest, as fetch cannot tell how much of a
   * body has left. The session is renewed first: a long body cannot be sent twice.
   */
  async upload(path: Uploads, file: Blob, options: UploadOptions = {}): Promise<T.JobRef> {
    await this.me();
    return new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest();
      xhr.open('POST', address(path, options));
      xhr.setRequestHeader('Content-Type', contentType(file));
      if (this.#csrf) xhr.setRequestHeader('X-CSRF-Token', this.#csrf);
      xhr.upload.onprogress = (e) => options.onProgress?.(e.loaded, file.size);
      xhr.onload = () => {
        if (xhr.status >= 200 && xhr.status < 300) resolve(JSON.parse(xhr.responseText));
        else reject(problemFromXhr(xhr));
      };
      xhr.onerror = () => reject(new Problem(0, { code: 'OFFLINE' }));
      xhr.onabort = () => reject(new Problem(0, { code: 'STOPPED' }));
      options.signal?.addEventListener('abort', () => xhr.abort());
      xhr.send(file);
    });
  }

  async #send<A>(method: string, path: string, options: Options, body?: unknown): Promise<A> {
    const retry = method === 'GET' ? undefined : idempotencyKey();
    let response = await this.#fetch(method, path, options, body, retry);
    if (response.status === 401 && !SIGN_IN_ROUTES.has(path)) {
      if (await this.#refresh()) response = await this.#fetch(method, path, options, body, retry);
      if (response.status === 401) this.onSignedOut();
    }
    if (!response.ok) throw await problemOf(response);
    const text = await response.text();
    return (text ? JSON.parse(text) : undefined) as A;
  }

  #fetch(method: string, path: string, options: Options, body: unknown, key: string | undefined) {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (key) headers['Idempotency-Key'] = key;
    if (key && this.#csrf) headers['X-CSRF-Token'] = this.#csrf;
    return fetch(address(path, options), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: options.signal,
      credentials: 'same-origin',
      cache: 'no-store',
    });
  }

  /** One refresh at a time: a spent refresh token would end the whole session. */
  #refresh(): Promise<boolean> {
    this.#refreshing ??= this.#renew().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #renew(): Promise<boolean> {
    const response = await this.#fetch('POST', '/auth/refresh', {}, {}, idempotencyKey());
    if (!response.ok) return false;
    const grant: T.CookieGrant = await response.json();
    this.#csrf = grant.csrf_token;
    return true;
  }
}

/** The one client of the page. */
export const api = new RestClient();

/** Fills `{name}` in a path and adds what the query really holds. */
export function address(path: string, { params = {}, query = {} }: Options = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  );
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value));
  }
  const tail = search.toString();
  return BASE + filled + (tail ? `?${tail}` : '');
}

function contentType(file: Blob): string {
  const name = file instanceof File ? file.name.toLowerCase() : '';
  if (name.endsWith('.gz')) return 'application/gzip';
  if (name.endsWith('.csv') || name.endsWith('.txt')) return 'text/csv';
  return 'application/octet-stream';
}

/** `randomUUID` exists on secure pages only, and a LAN may not be one. */
function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

function problemFromXhr(xhr: XMLHttpRequest): Problem {
  return problemFrom(
    xhr.status,
    xhr.responseText,
    xhr.getResponseHeader('X-Request-ID'),
    xhr.getResponseHeader('Retry-After'),
  );
}
