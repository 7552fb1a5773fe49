import type { Query } from '$/api/rest-client';

/** Rows on a page. */
export const LIMIT = 25;

/** The faces of the queue; the first is the one that an address without a name shows. */
export const TABS = ['mine', 'open', 'overdue', 'ended'] as const;
export type Tab = (typeof TABS)[number];

/** The filters as the server names them; they live in the address. */
export const FILTERS = ['msisdn', 'status', 'workflow_status', 'operator_code', 'bank_code'] as const;

/** The phases of what is still to come to something, and of what has. */
export const OPEN = ['pending', 'processing', 'failed'];
export const ENDS = ['completed', 'rejected', 'cancelled'];
export const STATES = [
  'submitted',
  'awaiting_bank_approval',
  'awaiting_nimc_notification',
  'execution_in_progress',
  'failed',
  'disputed',
  'completed',
  'rejected',
  'cancelled',
  'rolled_back',
];
export const KINDS = ['nin', 'bvn', 'both'];

const SORTS = ['-created_at', 'created_at', 'due_at', '-due_at', '-risk_score', 'risk_score'];

export function tabOf(query: URLSearchParams): Tab {
  return TABS.find((tab) => tab === query.get('tab')) ?? 'mine';
}

/** The order that an address asks for; what is most urgent first while something is waited for. */
export function sortOf(query: URLSearchParams): string {
  const sort = query.get('sort') ?? '';
  if (SORTS.includes(sort)) return sort;
  return tabOf(query) === 'ended' ? '-created_at' : 'due_at';
}

/** What the server is asked for an address. */
export function askOf(query: URLSearchParams): Query {
  const ask: Query = { sort: sortOf(query), skip: skipOf(query), limit: LIMIT };
  for (const name of FILTERS) ask[name] = query.get(name) || undefined;
  const tab = tabOf(query);
  if (tab === 'mine') ask.waiting_for = 'me';
  if (tab === 'overdue') ask.overdue = 'true';
  if (tab === 'open') ask.open = 'true';
  if (tab === 'ended') ask.open = 'false';
  return ask;
}

/** How many rows come before this page. */
export function skipOf(query: URLSearchParams): number {
  return Math.max(0, Number.parseInt(query.get('skip') ?? '', 10) || 0);
}
