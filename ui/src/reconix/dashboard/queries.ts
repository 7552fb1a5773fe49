import { createQuery, keepPreviousData } from '@tanstack/svelte-query';
import { api } from '$/api/rest-client';

/** The counts of the first screen. */
export function statsQuery() {
  return createQuery(() => ({
    queryKey: ['stats'],
    queryFn: ({ signal }) => api.get('/dashboard/stats', { signal }),
  }));
}

/** What happened on each of the last days. */
export function trendsQuery(days: () => number) {
  return createQuery(() => ({
    queryKey: ['trends', days()],
    queryFn: ({ signal }) => api.get('/dashboard/trends', { query: { days: days() }, signal }),
    placeholderData: keepPreviousData,
  }));
}

/** The last detection run that succeeded, if there was one. */
export function detectionsQuery() {
  return createQuery(() => ({
    queryKey: ['jobs', 'detections'],
    queryFn: ({ signal }) =>
      api.get('/jobs', { query: { kind: 'detect.scan', state: 'succeeded', limit: 1 }, signal }),
  }));
}
