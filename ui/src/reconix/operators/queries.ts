import { createQuery } from '@tanstack/svelte-query';
import { api } from '$/api/rest-client';

/** Everything in one page: Nigeria has some ten operators and some fifty banks. */
const ALL = { limit: 100 };

export function listQuery(what: () => 'operators' | 'banks') {
  return createQuery(() => ({
    queryKey: [what(), 'list'],
    queryFn: async ({ signal }) => {
      if (what() === 'banks') return { kind: 'banks' as const, ...(await api.get('/banks', { query: ALL, signal })) };
      return { kind: 'operators' as const, ...(await api.get('/operators', { query: ALL, signal })) };
    },
  }));
}
