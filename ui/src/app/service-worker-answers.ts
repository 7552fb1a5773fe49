// The last known answers of the read pages, for when the network is gone. Part
// of the service worker: nothing here touches a page.

/** Says on an answer when the server gave it; an answer without it is fresh. */
export const CACHED_AT = 'X-Cached-At';

/** How long the server may take before the last known answer is shown instead, in milliseconds. */
const PATIENCE = 3_000;

/** How long an answer is worth showing: a phone that nobody opened for a week tells nothing. */
const KEEP_FOR = 7 * 86_400_000;

/** Together at most 20 MB: a longer answer is not kept, and the oldest makes room. */
const MOST_ANSWERS = 200;
const MOST_BYTES = 100_000;

const API = '/api/v1/';
const ME = `${API}auth/me`;

/**
 * What read pages ask. Everything else is never kept: sign-in, reveals, number
 * checks (an old answer would be a wrong one), audit, users and keys, files.
 */
const KEPT =
  /^(auth\/me|dashboard\/(stats|trends)|recycled-sims(\/[^/.]+)?|jobs(\/[^/.]+)?|operators|banks|inventories|(nin|bvn)-linkages(\/[^/.]+)?|identity\/conflicts)$/;

/** Requests after which what is kept is no longer anybody's: another person may be at the phone. */
const DOORS = /^auth\/(login|logout|setup)$/;

/** What a proxy says while the server behind it is away. */
const AWAY = new Set([502, 503, 504]);

/** The parts of the platform that this needs, so that a test can hand in its own. */
export interface Platform {
  caches: Pick<CacheStorage, 'open' | 'delete'>;
  fetch: (request: Request) => Promise<Response>;
  now: () => number;
}

/** Who is signed in and what they may see, as far as it decides whether an answer is theirs. */
interface Person {
  id?: string;
  role?: string;
  operator_code?: string | null;
  bank_code?: string | null;
  permissions?: string[];
  csrf_token?: string;
}

export class LastKnown {
  readonly #name: string;
  readonly #platform: Platform;
  /** Counts how often everything was forgotten: an answer that was asked for before is not kept after. */
  #era = 0;
  #lastChange = 0;

  constructor(name: string, platform: Platform) {
    this.#name = name;
    this.#platform = platform;
  }

  /**
   * What becomes of a request to the API; undefined leaves it to the browser.
   * `hold` keeps the worker awake for work that outlasts the answer.
   */
  handle(request: Request, hold: (work: Promise<unknown>) => void): Promise<Response> | undefined {
    const url = new URL(request.url);
    const path = url.pathname.slice(API.length);
    if (!url.pathname.startsWith(API)) return undefined;
    if (request.method === 'GET') return KEPT.test(path) ? this.#read(request, hold) : undefined;
    this.#lastChange = this.#platform.now();
    if (DOORS.test(path)) hold(this.forget());
    return path === 'auth/refresh' ? this.#renew(request) : undefined;
  }

  /** Takes away all that is kept. */
  async forget(): Promise<void> {
    this.#era++;
    await this.#platform.caches.delete(this.#name);
  }

  /** The server's answer if it comes in time, else the last known one with its age. */
  async #read(request: Request, hold: (work: Promise<unknown>) => void): Promise<Response> {
    const asked = this.#ask(request, hold);
    hold(asked.catch(() => undefined));
    const late = new Promise<'late'>((done) => setTimeout(() => done('late'), PATIENCE));
    const first = await Promise.race([asked.catch(() => undefined), late]);
    if (first instanceof Response && !AWAY.has(first.status)) return first;
    // Whoever just changed something waits for the server rather than see it as it was.
    const since = first === 'late' ? this.#lastChange : 0;
    return (await this.#known(request, since)) ?? asked;
  }

  async #ask(request: Request, hold: (work: Promise<unknown>) => void): Promise<Response> {
    const era = this.#era;
    const response = await this.#platform.fetch(request);
    if (response.status === 200) hold(this.#keep(request, response.clone(), era));
    else if (response.status === 403 || response.status === 404) hold(this.#drop(request));
    return response;
  }

  async #keep(request: Request, response: Response, era: number): Promise<void> {
    let body = await response.text();
    if (body.length > MOST_BYTES || era !== this.#era) return;
    if (new URL(request.url).pathname === ME) body = await this.#meet(request, body);
    const headers = new Headers(response.headers);
    // The body is kept unpacked.
    headers.delete('Content-Encoding');
    headers.delete('Content-Length');
    headers.set(CACHED_AT, new Date(this.#platform.now()).toISOString());
    const cache = await this.#open();
    await cache.put(request.url, new Response(body, { headers }));
    const kept = await cache.keys();
    for (const oldest of kept.slice(0, Math.max(0, kept.length - MOST_ANSWERS))) await cache.delete(oldest, { ignoreVary: true });
  }

  /** Forgets everything when somebody else is signed in, and keeps no token. */
  async #meet(request: Request, body: string): Promise<string> {
    const { csrf_token: _, ...me } = JSON.parse(body) as Person;
    const before = await this.#find(request);
    if (before && sight(await before.json()) !== sight(me)) await this.forget();
    return JSON.stringify(me);
  }

  async #known(request: Request, since: number): Promise<Response | undefined> {
    const found = await this.#find(request);
    const at = Date.parse(found?.headers.get(CACHED_AT) ?? '');
    return at > Math.max(since, this.#platform.now() - KEEP_FOR) ? found : undefined;
  }

  async #drop(request: Request): Promise<void> {
    await (await this.#open()).delete(request.url, { ignoreVary: true });
  }

  async #find(request: Request): Promise<Response | undefined> {
    return (await this.#open()).match(request.url, { ignoreVary: true });
  }

  /** A session that cannot be renewed is over: nothing of it stays. */
  async #renew(request: Request): Promise<Response> {
    const response = await this.#platform.fetch(request);
    if (response.status === 401 || response.status === 403) await this.forget();
    return response;
  }

  #open(): Promise<Cache> {
    return this.#platform.caches.open(this.#name);
  }
}

/** Two persons with the same sight may see each other's pages. */
function sight({ id, role, operator_code, bank_code, permissions }: Person): string {
  return JSON.stringify([id, role, operator_code, bank_code, permissions]);
}
