import { api } from '$/api/rest-client';
import type { DelinkDetail } from '$/api/types';
import type { IconName } from '$/design/icons';
import { t } from '$/i18n/index.svelte';

/** What a person may do with a request, apart from attaching papers. */
export type Verb = 'approve' | 'reject' | 'cancel' | 'retry' | 'dispute' | 'rollback';

interface Deed {
  icon: IconName;
  danger: boolean;
  /** Whether the server wants to hear why. */
  needsReason: boolean;
  /** The question that names the number. */
  ask: (number: string) => string;
}

export const verbs: Record<Verb, Deed> = {
  approve: { icon: 'check', danger: false, needsReason: false, ask: (number) => t('delinkAsk.approve', { number }) },
  reject: { icon: 'close', danger: true, needsReason: true, ask: (number) => t('delinkAsk.reject', { number }) },
  cancel: { icon: 'cancel', danger: true, needsReason: false, ask: (number) => t('delinkAsk.cancel', { number }) },
  retry: { icon: 'refresh', danger: false, needsReason: false, ask: (number) => t('delinkAsk.retry', { number }) },
  dispute: { icon: 'conflict', danger: true, needsReason: true, ask: (number) => t('delinkAsk.dispute', { number }) },
  rollback: { icon: 'undo', danger: true, needsReason: true, ask: (number) => t('delinkAsk.rollback', { number }) },
};

/** The least that is a reason, as on the server. */
export const SHORTEST = 3;

/** Whether a reason is enough for a verb. */
export function hasReason(verb: Verb, reason: string): boolean {
  return !verbs[verb].needsReason || reason.trim().length >= SHORTEST;
}

interface With {
  reason?: string;
  /** Of several banks that are asked, this one only. */
  bank?: string;
  /** The version that was looked at. */
  tag?: string;
}

/** Does something to a request. */
export function act(verb: Verb, id: string, { reason = '', bank = '', tag }: With = {}): Promise<DelinkDetail> {
  const why = reason.trim() || undefined;
  const options = { params: { id }, tag };
  switch (verb) {
    case 'approve':
    case 'reject':
      return api.post('/delink-requests/{id}/approve', { approved: verb === 'approve', reason: why, bank_code: bank || undefined }, options);
    case 'cancel':
      return api.post('/delink-requests/{id}/cancel', { reason: why }, options);
    case 'retry':
      return api.post('/delink-requests/{id}/retry', { reason: why }, options);
    case 'dispute':
      return api.post('/delink-requests/{id}/dispute', { reason: why }, options);
    case 'rollback':
      return api.post('/delink-requests/{id}/rollback', { reason: why }, options);
  }
}
