import { Problem } from '$/api/problem';
import type { Page } from '$/app/page';

/** Where to go after the door: a path of this site, never an address of another. */
export function nextOf(query: URLSearchParams): string {
  const next = query.get('next') ?? '/';
  return /^\/(?![/\\])/.test(next) ? next : '/';
}

/**
 * Enters after a sign-in that the server accepted. When the server then does
 * not know this window, the browser threw the cookies away, which it does on a
 * plain-HTTP address other than this machine's own.
 */
export async function arrive(page: Page, to: string): Promise<void> {
  await page.refresh();
  if (!page.me) throw new Problem(0, { code: 'COOKIES_REFUSED' });
  page.go(to, { replace: true });
}
