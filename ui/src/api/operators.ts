import { createQuery } from '@tanstack/svelte-query';
import { api } from './rest-client';

/** The operators that this caller may see; they change once a year. */
export function operatorsQuery() {
  return createQuery(() => ({
    queryKey: ['operators'],
    queryFn: ({ signal }) => api.get('/operators', { query: { limit: 100 }, signal }),
    staleTime: 600_000,
  }));
}
