import { createQuery, keepPreviousData } from '@tanstack/svelte-query';
import { jobsChannel } from '$/api/live.svelte';
import { api, type Query } from '$/api/rest-client';
import { hasEnded } from './job';

/** How often a running job is asked for while the live channel is down, in milliseconds. */
const POLL = 3_000;

/** One job; the live channel keeps it fresh, and a slow poll does when that is down. */
export function jobQuery(id: () => string) {
  return createQuery(() => ({
    queryKey: ['job', id()],
    queryFn: ({ signal }) => api.get('/jobs/{id}', { params: { id: id() }, signal }),
    enabled: id() !== '',
    refetchInterval: (query) => {
      const job = query.state.data;
      return jobsChannel.connection !== 'open' && job && !hasEnded(job) ? POLL : false;
    },
  }));
}

/** A page of jobs, newest first. */
export function jobsQuery(filter: () => Query) {
  return createQuery(() => ({
    queryKey: ['jobs', filter()],
    queryFn: ({ signal }) => api.get('/jobs', { query: filter(), signal }),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => {
      const active = query.state.data?.items.some((job) => !hasEnded(job));
      return jobsChannel.connection !== 'open' && active ? POLL : false;
    },
  }));
}
