// The service worker: the pages open without a network, and the read pages show
// the last known state. It never forces a reload: a new version waits until it
// is called. The build writes what it is made of in front, as BUILD.
import { LastKnown } from './service-worker-answers';

declare const BUILD: {
  /** Of all files together: another build has other caches. */
  hash: string;
  /** What is fetched before the worker is ready: the shell and the pages. */
  first: string[];
  /** What is kept once it was used: other languages, the chart. */
  whenUsed: string[];
};

/** The platform's worker types and its page types exclude each other; these are the few that are used here. */
interface Extendable extends Event {
  waitUntil: (work: Promise<unknown>) => void;
}
interface Fetching extends Extendable {
  request: Request;
  respondWith: (answer: Promise<Response>) => void;
}
interface Scope {
  location: Location;
  clients: { claim: () => Promise<void> };
  skipWaiting: () => Promise<void>;
  addEventListener: {
    (type: 'install' | 'activate', listener: (event: Extendable) => void): void;
    (type: 'fetch', listener: (event: Fetching) => void): void;
    (type: 'message', listener: (event: MessageEvent) => void): void;
  };
}
const scope = self as unknown as Scope;

const SHELL = `shell-${BUILD.hash}`;
const ANSWERS = `answers-${BUILD.hash}`;

/** What a page says to a version that waits; service-worker-client.ts says it. No code is shared with the pages. */
const ACTIVATE = 'activate';

/** Addresses that the server draws itself, beside the pages of the shell. */
const SERVERS_OWN = /^\/(api|docs|guide|health|metrics|openapi\.json|ws)(\/|$)/;

const answers = new LastKnown(ANSWERS, { caches, fetch: (request) => fetch(request), now: () => Date.now() });

scope.addEventListener('install', (event) => event.waitUntil(fill()));
scope.addEventListener('activate', (event) => event.waitUntil(takeOver()));
scope.addEventListener('message', (event) => {
  if (event.data === ACTIVATE) void scope.skipWaiting();
});
scope.addEventListener('fetch', (event) => {
  const answer = route(event);
  if (answer) event.respondWith(answer);
});

async function fill(): Promise<void> {
  const cache = await caches.open(SHELL);
  await cache.addAll(BUILD.first.map((path) => new Request(path, { cache: 'no-cache' })));
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== SHELL && name !== ANSWERS).map((name) => caches.delete(name)));
  await scope.clients.claim();
}

function route(event: Fetching): Promise<Response> | undefined {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== scope.location.origin) return undefined;
  if (request.mode === 'navigate') return navigate(request, pathname);
  if (BUILD.first.includes(pathname) || BUILD.whenUsed.includes(pathname)) return file(request, pathname);
  return answers.handle(request, (work) => event.waitUntil(work));
}

/** A page of ours is the shell. The server's own documents need the network, and a download is the browser's. */
function navigate(request: Request, path: string): Promise<Response> | undefined {
  if (!SERVERS_OWN.test(path)) return /\.\w+$/.test(path) ? undefined : file(request, '/index.html');
  if (path.startsWith('/api/')) return undefined;
  return fetch(request).catch(() => Response.redirect(`/offline?next=${encodeURIComponent(path)}`));
}

async function file(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(SHELL);
  const kept = await cache.match(path, { ignoreVary: true });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok && BUILD.whenUsed.includes(path)) await cache.put(path, response.clone());
  return response;
}
