import { createQuery, keepPreviousData } from '@tanstack/svelte-query';
import { api, type Query } from '$/api/rest-client';

/** Rows on a page. */
export const LIMIT = 25;

/** A page of accounts as the filter asks for them. */
export function usersQuery(filter: () => Query) {
  return createQuery(() => ({
    queryKey: ['users', filter()],
    queryFn: ({ signal }) => api.get('/users', { query: filter(), signal }),
    placeholderData: keepPreviousData,
  }));
}

/** One account. */
export function userQuery(id: () => string) {
  return createQuery(() => ({
    queryKey: ['user', id()],
    queryFn: ({ signal }) => api.get('/users/{id}', { params: { id: id() }, signal }),
  }));
}

/** A page of API keys as the filter asks for them. */
export function keysQuery(filter: () => Query) {
  return createQuery(() => ({
    queryKey: ['api-keys', filter()],
    queryFn: ({ signal }) => api.get('/api-keys', { query: filter(), signal }),
    placeholderData: keepPreviousData,
  }));
}

/** One API key. */
export function keyQuery(id: () => string) {
  return createQuery(() => ({
    queryKey: ['api-key', id()],
    queryFn: ({ signal }) => api.get('/api-keys/{id}', { params: { id: id() }, signal }),
  }));
}
