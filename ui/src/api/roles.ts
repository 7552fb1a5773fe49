import { createQuery } from '@tanstack/svelte-query';
import { has, label } from '$/i18n/index.svelte';
import { api } from './rest-client';
import type { Right } from './types';

/** The roles, what each may do, and everything that can be granted; it changes with the version only. */
export function rolesQuery() {
  return createQuery(() => ({
    queryKey: ['roles'],
    queryFn: ({ signal }) => api.get('/roles', { signal }),
    staleTime: 600_000,
  }));
}

/** What a permission or a scope opens, in a sentence: the catalogue's, or the server's for one it has not heard of. */
export function rightWords(right: Pick<Right, 'code' | 'what'>): string {
  const name = right.code.replace(/[:-]/g, '_');
  return has(`permission.${name}`) ? label('permission', name) : right.what || right.code;
}
