import { createQuery, keepPreviousData } from '@tanstack/svelte-query';
import { api, type Query } from '$/api/rest-client';

/** What a number is linked to, in the server's paths. */
export type Kind = 'nin' | 'bvn';

/** A page of linkages of one kind, by number. */
export function linkagesQuery(kind: () => Kind, filter: () => Query) {
  return createQuery(() => ({
    queryKey: ['linkages', kind(), filter()],
    queryFn: ({ signal }) => api.get(`/${kind()}-linkages`, { query: filter(), signal }),
    placeholderData: keepPreviousData,
  }));
}
