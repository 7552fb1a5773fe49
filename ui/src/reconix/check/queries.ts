import { createQuery } from '@tanstack/svelte-query';
import { api } from '$/api/rest-client';

/** What somebody asks. Each question is recorded with why, so none is asked again by itself. */
export interface Question {
  number: string;
  /** Empty: today, for the evidence alone. */
  since: string;
  purpose: string;
}

const once = { staleTime: Infinity, gcTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false } as const;

/** What the number's identity is now; the others wait until this knows the number. */
export function statusQuery(ask: () => Question) {
  return createQuery(() => ({
    queryKey: ['check', 'status', ask().number],
    queryFn: ({ signal }) =>
      api.get('/identity/msisdn/{number}/status', { params: { number: ask().number }, purpose: ask().purpose, signal }),
    enabled: ask().number !== '',
    ...once,
  }));
}

/** Whether it has changed hands since the day, with the evidence. */
export function sinceQuery(ask: () => Question, ready: () => boolean) {
  return createQuery(() => ({
    queryKey: ['check', 'since', ask().number, ask().since],
    queryFn: ({ signal }) =>
      api.get('/recycling-checks/{number}', {
        params: { number: ask().number },
        query: { since: ask().since || new Date().toISOString().slice(0, 10) },
        purpose: ask().purpose,
        signal,
      }),
    enabled: ready(),
    ...once,
  }));
}

export function linkagesQuery(ask: () => Question, ready: () => boolean) {
  return createQuery(() => ({
    queryKey: ['check', 'linkages', ask().number],
    queryFn: ({ signal }) =>
      api.get('/identity/msisdn/{number}/linkages', { params: { number: ask().number }, purpose: ask().purpose, signal }),
    enabled: ready(),
    ...once,
  }));
}

export function lookupQuery(ask: () => Question, ready: () => boolean) {
  return createQuery(() => ({
    queryKey: ['check', 'lookup', ask().number],
    queryFn: ({ signal }) => api.get('/identity/lookup', { query: { msisdn: ask().number }, purpose: ask().purpose, signal }),
    enabled: ready(),
    ...once,
  }));
}

/** The record of the number's last recycling with its story; null when there is none. */
export function recordQuery(ask: () => Question, ready: () => boolean) {
  return createQuery(() => ({
    queryKey: ['check', 'record', ask().number],
    queryFn: async ({ signal }) => {
      const list = await api.get('/recycled-sims', { query: { msisdn: ask().number, limit: 1 }, signal });
      const newest = list.items[0];
      return newest ? api.get('/recycled-sims/{id}', { params: { id: newest.id }, signal }) : null;
    },
    enabled: ready(),
    ...once,
  }));
}

/** Who looked the number up; fresh each time, as this very look is soon among them. */
export function inquiriesQuery(ask: () => Question, ready: () => boolean) {
  return createQuery(() => ({
    queryKey: ['check', 'inquiries', ask().number],
    queryFn: ({ signal }) => api.get('/identity/msisdn/{number}/lookups', { params: { number: ask().number }, query: { limit: 100 }, signal }),
    enabled: ready(),
    gcTime: 0,
  }));
}
