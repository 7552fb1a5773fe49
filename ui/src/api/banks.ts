import { createQuery } from '@tanstack/svelte-query';
import { api } from './rest-client';

/** The banks, for choosing one; they change once in years. */
export function banksQuery() {
  return createQuery(() => ({
    queryKey: ['banks', 'all'],
    queryFn: ({ signal }) => api.get('/banks', { query: { limit: 100 }, signal }),
    staleTime: 600_000,
  }));
}
