/** The filters of the list as the server names them; they live in the address. */
export const FILTERS = ['msisdn', 'is_active', 'verdict'] as const;

/** Rows on a page. */
export const LIMIT = 25;

/** Numbers that one bulk check takes. */
export const MOST = 1000;

/** What an address asks for, without what the server would not know. */
export function filterOf(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries(FILTERS.flatMap((name) => (query.get(name) ? [[name, query.get(name) ?? '']] : [])));
}

/** Numbers out of whatever was pasted: one a line, or between commas and semicolons. Spaces stand within a number. */
export function numbersIn(text: string): string[] {
  return text
    .split(/[\n\r\t,;]+/)
    .map((part) => part.replace(/[\s().-]/g, '').replace(/^"|"$/g, ''))
    .filter((part) => /\d/.test(part))
    .map((part) => (/^[789]\d{9}$/.test(part) ? `0${part}` : part));
}
