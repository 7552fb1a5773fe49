import type { Me } from '$/api/types';

/** What the shell hands to each page: where it is, who looks, and how to move on. */
export interface Page {
  /** The named parts of the path. */
  params: Record<string, string>;
  query: URLSearchParams;
  /** Who is signed in; undefined on public pages only. */
  me: Me | undefined;
  /** Whether who is signed in may do this, as the server grants it. */
  can: (permission: string) => boolean;
  go: (url: string, options?: { replace?: boolean }) => void;
  /** Sets and clears parts of the query, staying on the page. */
  filter: (change: Record<string, string>, options?: { replace?: boolean }) => void;
  /** Asks the server again who is signed in, after a sign-in or a change of name. */
  refresh: () => Promise<void>;
  signOut: () => Promise<void>;
}

/** A query with parts set and cleared; a change of filter begins at the first page again. */
export function withQuery(query: URLSearchParams, change: Record<string, string>): string {
  const next = new URLSearchParams(query);
  for (const place of ['skip', 'after']) if (!(place in change)) next.delete(place);
  for (const [key, value] of Object.entries(change)) {
    if (value) next.set(key, value);
    else next.delete(key);
  }
  const text = next.toString();
  return text ? `?${text}` : '?';
}
