import { age } from './age.svelte';
import { Problem, problemFrom, problemOf } from './problem';
import type * as T from './types';

/** What each GET route answers. */
export interface Gets {
  '/about': T.About;
  '/api-keys': T.List<T.ApiKey>;
  '/api-keys/{id}': T.ApiKey;
  '/audit-logs': T.List<T.AuditLine> & { next?: string };
  '/audit-logs/{id}': T.AuditLine;
  '/audit-logs/{id}/proof': unknown;
  '/audit-logs/checkpoint': T.Checkpoint;
  '/auth/setup': { needed: boolean };
  '/auth/me': T.Me;
  '/auth/sessions': T.List<T.Session>;
  '/banks': T.List<T.Bank>;
  '/banks/{code}': T.Bank;
  '/bvn-linkages': T.List<T.LinkageRow>;
  '/dashboard/stats': T.Stats;
  '/dashboard/trends': T.Trends;
  '/delink-requests': T.DelinkList;
  '/delink-requests/{id}': T.DelinkDetail;
  '/delink-requests/{id}/certificate': unknown;
  '/identity/conflicts': T.List<T.Disputed>;
  '/identity/lookup': T.Lookup;
  '/identity/msisdn/{number}/linkages': T.NumberLinkages;
  '/identity/msisdn/{number}/lookups': { items: T.Inquiry[] };
  '/identity/msisdn/{number}/status': T.NumberView;
  '/inventories': T.List<T.Feed>;
  '/jobs': T.List<T.Job>;
  '/jobs/{id}': T.Job;
  '/legal-holds': T.List<T.LegalHold>;
  '/nin-linkages': T.List<T.LinkageRow>;
  '/operators': T.List<T.Operator>;
  '/operators/{code}': T.Operator;
  '/recycled-sims': T.SimList;
  '/recycled-sims/{id}': T.SimDetail;
  '/recycling-checks/{number}': T.Check;
  '/roles': T.Roles;
  '/settings': T.Settings;
  '/users': T.List<T.User>;
  '/users/{id}': T.User;
  '/webhooks/deliveries/{id}': T.WebhookDelivery & { body: unknown };
  '/webhooks/subscriptions': T.List<T.Webhook>;
  '/webhooks/subscriptions/{id}': T.Webhook;
  '/webhooks/subscriptions/{id}/deliveries': T.List<T.WebhookDelivery>;
}

/** What each POST route answers. */
export interface Posts {
  '/api-keys': T.ApiKey & { key: string };
  '/audit-logs/verify': T.AuditReport;
  '/auth/login': T.CookieGrant;
  '/auth/setup': T.CookieGrant;
  '/auth/refresh': T.CookieGrant;
  '/auth/logout': unknown;
  '/auth/password': unknown;
  '/banks': T.Bank;
  '/bvn-linkages': T.LinkageRow;
  '/bvn-linkages/bulk-check': T.BulkChecked;
  '/bvn-linkages/verify': T.Verified;
  '/delink-batches': T.DelinkBatch;
  '/delink-requests': T.DelinkDetail;
  '/delink-requests/{id}/approve': T.DelinkDetail;
  '/delink-requests/{id}/cancel': T.DelinkDetail;
  '/delink-requests/{id}/dispute': T.DelinkDetail;
  '/delink-requests/{id}/retry': T.DelinkDetail;
  '/delink-requests/{id}/rollback': T.DelinkDetail;
  '/demo-data': T.JobRef;
  '/imports/preview': T.FilePreview;
  '/jobs/{id}/cancel': T.Job;
  '/jobs/{id}/resume': T.Job;
  '/legal-holds': T.LegalHold;
  '/nin-linkages': T.LinkageRow;
  '/nin-linkages/bulk-check': T.BulkChecked;
  '/nin-linkages/verify': T.Verified;
  '/operators': T.Operator;
  '/recycled-sims': T.Sim;
  '/recycled-sims/detect': T.JobRef;
  '/reveals/recycled-sims/{id}': { field: string; value: string };
  '/users': T.User & { password?: string };
  '/users/{id}/reset': { id: string; password: string };
  '/webhooks/deliveries/{id}/redeliver': T.WebhookDelivery;
  '/webhooks/register': T.Webhook & { secret: string };
  '/webhooks/subscriptions/{id}/rotate': T.Webhook & { secret: string };
  '/webhooks/subscriptions/{id}/test': T.WebhookDelivery;
}

/** What each PATCH route answers. */
export interface Patches {
  '/api-keys/{id}': T.ApiKey;
  '/banks/{code}': T.Bank;
  '/operators/{code}': T.Operator;
  '/recycled-sims/{id}': T.Sim;
  '/users/{id}': T.User;
  '/webhooks/subscriptions/{id}': T.Webhook;
}

/** Everything that can be removed. */
export type Removes = '/api-keys/{id}' | '/banks/{code}' | '/legal-holds/{id}' | '/operators/{code}' | '/recycled-sims/{id}' | '/users/{id}' | '/webhooks/subscriptions/{id}';

/** Something with the version that a change of it must name. */
export interface Tagged<A> {
  data: A;
  tag: string | undefined;
}

/** What each upload route answers: they all take a raw file and start a job; a paper is kept at once. */
export type Uploads = '/delink-requests/{id}/attachments' | '/inventories/{operator}' | '/recycled-sims/imports' | '/linkages/imports' | '/recycling-checks';

/** What a query string may carry; what is empty is left out. */
export type Query = Record<string, string | number | boolean | undefined | null>;

interface Options {
  params?: Record<string, string>;
  query?: Query;
  signal?: AbortSignal;
  /** The version that was seen: a change of any other one is refused with 412. */
  tag?: string;
  /** Why somebody looks a person's number up; it is recorded. */
  purpose?: string;
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

  /** Reads something that is to be changed, with the version that was seen. */
  async getTagged<P extends keyof Gets>(path: P, options: Options = {}): Promise<Tagged<Gets[P]>> {
    const response = await this.#ask('GET', path, options);
    return { data: await response.json(), tag: response.headers.get('ETag') ?? undefined };
  }

  post<P extends keyof Posts>(path: P, body: unknown = {}, options: Options = {}): Promise<Posts[P]> {
    return this.#send('POST', path, options, body);
  }

  /** The beginning of a text file that a job left; whole when it is no longer than that. */
  async beginning(path: '/jobs/{id}/errors.csv', most: number, options: Options = {}): Promise<string> {
    const reader = (await this.#ask('GET', path, options)).body?.getReader();
    const decoder = new TextDecoder();
    let text = '';
    while (reader && text.length < most) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
    await reader?.cancel();
    return text;
  }

  patch<P extends keyof Patches>(path: P, body: unknown, options: Options = {}): Promise<Patches[P]> {
    return this.#send('PATCH', path, options, body);
  }

  remove(path: Removes, options: Options = {}): Promise<unknown> {
    return this.#send('DELETE', path, options);
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
  async upload<A = T.JobRef>(path: Uploads, file: Blob, options: UploadOptions = {}): Promise<A> {
    await this.me();
    return new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest();
      xhr.open('POST', address(path, options));
      xhr.setRequestHeader('Content-Type', contentType(file));
      if (this.#csrf) xhr.setRequestHeader('X-CSRF-Token', this.#csrf);
      if (options.purpose) xhr.setRequestHeader('X-Purpose', plain(options.purpose));
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
    const text = await (await this.#ask(method, path, options, body)).text();
    return (text ? JSON.parse(text) : undefined) as A;
  }

  async #ask(method: string, path: string, options: Options, body?: unknown): Promise<Response> {
    const retry = method === 'GET' ? undefined : idempotencyKey();
    // A page that was opened without a network has nobody's token yet.
    if (retry && !this.#csrf && !SIGN_IN_ROUTES.has(path)) await this.me();
    const send = () => this.#fetch(method, path, options, body, retry).catch((thrown) => {
      // Reading may fall back on what is known; a change without the network is told as such.
      throw retry && thrown instanceof TypeError ? new Problem(0, { code: 'NEEDS_NETWORK' }) : thrown;
    });
    let response = await send();
    if (response.status === 401 && !SIGN_IN_ROUTES.has(path)) {
      if (await this.#refresh()) response = await send();
      if (response.status === 401) this.onSignedOut();
    }
    if (!response.ok) throw await problemOf(response);
    const cachedAt = response.headers.get('X-Cached-At');
    if (method === 'GET') age.note(new Date(cachedAt ?? Date.now()), cachedAt !== null);
    return response;
  }

  #fetch(method: string, path: string, options: Options, body: unknown, key: string | undefined) {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (body !== undefined) headers['Content-Type'] = body instanceof Blob ? contentType(body) : 'application/json';
    if (key) headers['Idempotency-Key'] = key;
    if (key && this.#csrf) headers['X-CSRF-Token'] = this.#csrf;
    if (options.tag) headers['If-Match'] = options.tag;
    if (options.purpose) headers['X-Purpose'] = plain(options.purpose);
    return fetch(address(path, options), {
      method,
      headers,
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
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

/** Headers carry plain letters only: ẹ travels as e, ɗ as d. */
function plain(text: string): string {
  const hooked: Record<string, string> = { ɓ: 'b', ɗ: 'd', ƙ: 'k', ƴ: 'y', Ɓ: 'B', Ɗ: 'D', Ƙ: 'K', Ƴ: 'Y', '’': "'", '–': '-' };
  const folded = text.normalize('NFD').replace(/[ɓɗƙƴƁƊƘƳ’–]/g, (c) => hooked[c] ?? c);
  return folded.replace(/[^ -~]/g, '').slice(0, 200);
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
