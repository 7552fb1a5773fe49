import { createQuery, keepPreviousData } from '@tanstack/svelte-query';
import { webhooksChannel } from '$/api/live.svelte';
import { api, type Query } from '$/api/rest-client';
import type { Webhook } from '$/api/types';
import { label } from '$/i18n/index.svelte';

/** Rows on a page. */
export const LIMIT = 25;

/** Every event that can be chosen, in the order of the contract. */
export const EVENTS = [
  'sim.recycled', 'linkage.stale', 'tenure.corrected', 'import.finished', 'delink.submitted', 'delink.approved', 'delink.rejected',
  'delink.escalated', 'delink.completed', 'delink.failed', 'delink.cancelled', 'delink.disputed', 'delink.rolled_back',
] as const;

/** An event in words. */
export const eventWords = (event: string) => label('webhookEvent', event.replace('.', '_'));

/** A page of receivers. */
export function hooksQuery(filter: () => Query) {
  return createQuery(() => ({
    queryKey: ['webhooks', filter()],
    queryFn: ({ signal }) => api.get('/webhooks/subscriptions', { query: filter(), signal }),
    placeholderData: keepPreviousData,
  }));
}

/** One receiver. */
export function hookQuery(id: () => string) {
  return createQuery(() => ({
    queryKey: ['webhook', id()],
    queryFn: ({ signal }) => api.get('/webhooks/subscriptions/{id}', { params: { id: id() }, signal }),
  }));
}

/** A page of what was sent to a receiver. */
export function deliveriesQuery(id: () => string, filter: () => Query) {
  return createQuery(() => ({
    queryKey: ['webhook', id(), 'deliveries', filter()],
    queryFn: ({ signal }) => api.get('/webhooks/subscriptions/{id}/deliveries', { params: { id: id() }, query: filter(), signal }),
    placeholderData: keepPreviousData,
  }));
}

/** One delivery with its message, when one is chosen. */
export function deliveryQuery(id: () => string) {
  return createQuery(() => ({
    queryKey: ['webhook-delivery', id()],
    queryFn: ({ signal }) => api.get('/webhooks/deliveries/{id}', { params: { id: id() }, signal }),
    enabled: id() !== '',
  }));
}

/** Asks again when a receiver is no longer as it was; of all receivers, or of one. Returns how to stop. */
export function follow(refresh: () => void, id?: string): () => void {
  return webhooksChannel.listen((event) => {
    const data = event.data as Partial<{ subscription_id: string }> | undefined;
    if (!id || !data?.subscription_id || data.subscription_id === id) refresh();
  });
}

/** What a form can change. */
export interface HookDraft {
  subscriber_name: string;
  callback_url: string;
  all: boolean;
  events: string[];
}

export function hookDraft(hook?: Webhook): HookDraft {
  const events = hook?.events ?? ['*'];
  return {
    subscriber_name: hook?.subscriber_name ?? '',
    callback_url: hook?.callback_url ?? '',
    all: events.includes('*'),
    events: events.filter((event) => event !== '*'),
  };
}

/** A draft as the server takes it. */
export function hookBody(draft: HookDraft) {
  return {
    subscriber_name: draft.subscriber_name.trim(),
    callback_url: draft.callback_url.trim(),
    events: draft.all ? ['*'] : [...draft.events].sort(),
  };
}

/** Only what differs; undefined when nothing does. */
export function hookChange(hook: Webhook, draft: HookDraft): Record<string, unknown> | undefined {
  const before: Record<string, unknown> = hookBody(hookDraft(hook));
  const changed = Object.entries(hookBody(draft)).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]));
  return changed.length ? Object.fromEntries(changed) : undefined;
}

/** Whether a draft can be sent. */
export const isReady = (draft: HookDraft) => !!draft.subscriber_name.trim() && !!draft.callback_url.trim() && (draft.all || draft.events.length > 0);
