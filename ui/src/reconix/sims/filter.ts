/** The filters of the list as the server names them; they live in the address. */
export const FILTERS = [
  'q',
  'operator_code',
  'linkage_status',
  'cleanup_status',
  'risk_min',
  'from',
  'to',
] as const;

export type Filter = Partial<Record<(typeof FILTERS)[number], string>>;

/** The orders that the list offers; `-` is downwards. */
export const SORTS = ['-date_recycled', 'date_recycled', '-risk_score', 'risk_score', '-msisdn', 'msisdn'];

/** Rows on a page. */
export const LIMIT = 25;

/** What an address asks for, without what the server would not know. */
export function filterOf(query: URLSearchParams): Filter {
  const filter: Filter = {};
  for (const name of FILTERS) {
    const value = query.get(name);
    if (value) filter[name] = value;
  }
  return filter;
}

/** The order that an address asks for; newest first when it names none that is known. */
export function sortOf(query: URLSearchParams): string {
  const sort = query.get('sort') ?? '';
  return SORTS.includes(sort) ? sort : '';
}

/** How many rows come before this page. */
export function skipOf(query: URLSearchParams): number {
  return Math.max(0, Number.parseInt(query.get('skip') ?? '', 10) || 0);
}
