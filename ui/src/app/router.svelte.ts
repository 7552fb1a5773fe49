import { match } from './routes';

/**
 * Where the page is, in the address bar's own words. Links stay plain links:
 * a press on one that leads to a page of ours is taken here, anything else
 * (another tab, a download, the server's own documents) is the browser's.
 */
export class Router {
  url = $state.raw(new URL(location.href));

  /** Begins to hear links and the Back button. Returns how to stop. */
  start(): () => void {
    const back = () => (this.url = new URL(location.href));
    addEventListener('popstate', back);
    addEventListener('click', this.#click);
    addEventListener('pointerover', preload);
    addEventListener('focusin', preload);
    return () => {
      removeEventListener('popstate', back);
      removeEventListener('click', this.#click);
      removeEventListener('pointerover', preload);
      removeEventListener('focusin', preload);
    };
  }

  go(to: string, { replace = false }: { replace?: boolean } = {}): void {
    const next = new URL(to, this.url);
    const moved = next.pathname !== this.url.pathname;
    if (replace) history.replaceState(null, '', next);
    else history.pushState(null, '', next);
    this.url = next;
    if (moved) scrollTo(0, 0);
  }

  readonly #click = (event: MouseEvent) => {
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    const link = ours(event.target);
    if (!plain || !link || event.defaultPrevented) return;
    event.preventDefault();
    this.go(link.href);
  };
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
