import { createQuery, keepPreviousData } from '@tanstack/svelte-query';
import { delinkChannel } from '$/api/live.svelte';
import { api, type Query } from '$/api/rest-client';

/** How often a page asks again while no events arrive, in milliseconds. */
const POLL = 10_000;
const interval = () => (delinkChannel.connection === 'open' ? false : POLL);

/** A page of requests as the address asks for them. */
export function delinksQuery(ask: () => Query) {
  return createQuery(() => ({
    queryKey: ['delinks', ask()],
    queryFn: ({ signal }) => api.get('/delink-requests', { query: ask(), signal }),
    placeholderData: keepPreviousData,
    refetchInterval: interval(),
  }));
}

/** One request with the version that a change of it must name. */
export function delinkQuery(id: () => string) {
  return createQuery(() => ({
    queryKey: ['delink', id()],
    queryFn: ({ signal }) => api.getTagged('/delink-requests/{id}', { params: { id: id() }, signal }),
    refetchInterval: interval(),
  }));
}
