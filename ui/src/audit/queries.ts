import { createQuery, keepPreviousData } from '@tanstack/svelte-query';
import { api, type Query } from '$/api/rest-client';

/** Entries on a page. */
export const LIMIT = 25;

/** A page of the log, newest first. */
export function auditQuery(filter: () => Query) {
  return createQuery(() => ({
    queryKey: ['audit', filter()],
    queryFn: ({ signal }) => api.get('/audit-logs', { query: filter(), signal }),
    placeholderData: keepPreviousData,
  }));
}

/** One entry; it never changes. */
export function entryQuery(id: () => string) {
  return createQuery(() => ({
    queryKey: ['audit-entry', id()],
    queryFn: ({ signal }) => api.get('/audit-logs/{id}', { params: { id: id() }, signal }),
    staleTime: Infinity,
  }));
}
