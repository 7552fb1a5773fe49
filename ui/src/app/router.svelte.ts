import { tick } from 'svelte';
import { match } from './routes';

/** How long a page may take to grow as long as it was, in milliseconds. */
const PATIENCE = 2_000;
const PLACE = 'reconexus.scroll';

/**
 * Where the page is, in the address bar's own words. Links stay plain links:
 * a press on one that leads to a page of ours is taken here, anything else
 * (another tab, a download, the server's own documents) is the browser's.
 * Back and a reload find a page scrolled as it was left.
 */
export class Router {
  url = $state.raw(new URL(location.href));
  /** How far each entry of the history was scrolled. */
  readonly #scrolled = new Map<string, number>(kept());
  #entry = entryOf(history.state);
  /** How far down the page that is coming was left, until it is there. */
  #wanted: number | undefined;

  /** Begins to hear links and the Back button. Returns how to stop. */
  start(): () => void {
    history.scrollRestoration = 'manual';
    this.#wanted = this.#scrolled.get(this.#entry);
    // An entry that is new has no name yet; a reload finds the one that it had.
    if (!this.#entry) history.replaceState({ entry: (this.#entry = newEntry()) }, '');
    const ears: [string, (event: never) => void][] = [
      ['popstate', this.#back],
      ['click', this.#click],
      ['pointerover', preload],
      ['focusin', preload],
      ['scroll', this.#note],
      ['pagehide', () => keep(this.#scrolled)],
    ];
    for (const [name, ear] of ears) addEventListener(name, ear as EventListener);
    return () => {
      for (const [name, ear] of ears) removeEventListener(name, ear as EventListener);
    };
  }

  go(to: string, { replace = false }: { replace?: boolean } = {}): void {
    const next = new URL(to, this.url);
    const moved = next.pathname !== this.url.pathname;
    if (!replace) this.#entry = newEntry();
    history[replace ? 'replaceState' : 'pushState']({ entry: this.#entry }, '', next);
    this.url = next;
    if (!moved) return;
    this.#wanted = undefined;
    scrollTo(0, 0);
  }

  /**
   * Scrolls the page that is now there to where it was left, if Back led here. Its
   * rows may still be on their way: it is waited for them, unless somebody scrolls first.
   */
  async settle(): Promise<void> {
    await tick();
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    const until = Date.now() + PATIENCE;
    const step = () => {
      if (this.#wanted !== wanted) return;
      scrollTo(0, wanted);
      if (Math.abs(scrollY - wanted) < 2 || Date.now() > until) this.#wanted = undefined;
      else requestAnimationFrame(step);
    };
    const yieldToHand = () => (this.#wanted = undefined);
    for (const name of ['wheel', 'touchstart', 'keydown']) addEventListener(name, yieldToHand, { once: true, passive: true });
    step();
  }

  readonly #back = (event: PopStateEvent) => {
    const next = new URL(location.href);
    const moved = next.pathname !== this.url.pathname;
    this.#entry = entryOf(event.state);
    this.#wanted = this.#scrolled.get(this.#entry) ?? 0;
    this.url = next;
    if (!moved) void this.settle();
  };

  /** While a page is coming, what scrolls is the old one or a page that is too short still. */
  readonly #note = () => {
    if (this.#wanted === undefined) this.#scrolled.set(this.#entry, Math.round(scrollY));
  };

  readonly #click = (event: MouseEvent) => {
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    const link = ours(event.target);
    if (!plain || !link || event.defaultPrevented) return;
    event.preventDefault();
    this.go(link.href);
  };
}

function entryOf(state: unknown): string {
  const entry = (state as { entry?: unknown } | null)?.entry;
  return typeof entry === 'string' ? entry : '';
}

function newEntry(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(6)), (b) => b.toString(36)).join('');
}

function kept(): [string, number][] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(PLACE) ?? '[]');
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

function keep(scrolled: Map<string, number>) {
  try {
    sessionStorage.setItem(PLACE, JSON.stringify([...scrolled].slice(-50)));
  } catch {
    // Storage is off: a reload begins at the top.
  }
}

/** The link under an event, if it leads to one of our pages in this window. */
function ours(target: EventTarget | null): HTMLAnchorElement | undefined {
  const link = target instanceof Element ? target.closest('a') : null;
  if (!link || link.target || link.hasAttribute('download')) return undefined;
  if (link.origin !== location.origin || !match(link.pathname).route.path) return undefined;
  return link;
}

/** Fetches a page's code when a pointer or the focus rests on a link to it. */
function preload(event: Event) {
  const link = ours(event.target);
  if (link) match(link.pathname).route.load().catch(() => undefined);
}
