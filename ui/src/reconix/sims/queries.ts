import { createQuery, keepPreviousData } from '@tanstack/svelte-query';
import { api, type Query } from '$/api/rest-client';

/** A page of recycled SIMs as the filter asks for them. */
export function simsQuery(filter: () => Query) {
  return createQuery(() => ({
    queryKey: ['sims', filter()],
    queryFn: ({ signal }) => api.get('/recycled-sims', { query: filter(), signal }),
    placeholderData: keepPreviousData,
  }));
}

/** One recycled SIM with everything that hangs on it. */
export function simQuery(id: () => string) {
  return createQuery(() => ({
    queryKey: ['sim', id()],
    queryFn: ({ signal }) => api.get('/recycled-sims/{id}', { params: { id: id() }, signal }),
  }));
}
