import { createQuery, keepPreviousData, useQueryClient } from '@tanstack/svelte-query';
import { jobsChannel } from '$/api/live.svelte';
import { api, type Query } from '$/api/rest-client';
import type { Job } from '$/api/types';
import { hasEnded, later } from './job';

/** How often a running job is asked for while the live channel is down, in milliseconds. */
const POLL = 3_000;
/** And while it is open: an event may be lost on the way, an end must not be. */
const PATIENT_POLL = 15_000;

const pause = () => (jobsChannel.connection === 'open' ? PATIENT_POLL : POLL);

/** One job; the live channel keeps it fresh, and a slow poll does when that is down. */
export function jobQuery(id: () => string) {
  const client = useQueryClient();
  return createQuery(() => ({
    queryKey: ['job', id()],
    queryFn: async ({ queryKey, signal }) => {
      const job = await api.get('/jobs/{id}', { params: { id: id() }, signal });
      return later(client.getQueryData<Job>(queryKey), job);
    },
    enabled: id() !== '',
    refetchInterval: (query) => {
      const job = query.state.data;
      return job && !hasEnded(job) ? pause() : false;
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
      return active ? pause() : false;
    },
  }));
}
