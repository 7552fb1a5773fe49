import type { Delink, DelinkItemState, Me } from '$/api/types';
import type { IconName } from '$/design/icons';
import { duration, t } from '$/i18n/index.svelte';
import type { Face } from '$/reconix/number/delink';

/** How the state of one item looks. */
export const itemFaces: Record<DelinkItemState, Face> = {
  waiting: { tone: 'warn', icon: 'clock' },
  approved: { tone: 'info', icon: 'check' },
  refused: { tone: 'bad', icon: 'close' },
  done: { tone: 'good', icon: 'check' },
  kept: { tone: 'special', icon: 'person' },
  failed: { tone: 'bad', icon: 'warning' },
  rolled_back: { tone: 'neutral', icon: 'undo' },
};

/** How the steps of a story look. */
export function beadOf(event: string): { icon: IconName; kind: 'plain' | 'good' | 'bad' } {
  if (['approved', 'bank_approved', 'completed', 'dispute_settled'].includes(event)) return { icon: 'check', kind: 'good' };
  if (['rejected', 'bank_refused', 'failed', 'escalated'].includes(event)) return { icon: 'warning', kind: 'bad' };
  if (event === 'disputed') return { icon: 'conflict', kind: 'bad' };
  if (event === 'held') return { icon: 'lock', kind: 'bad' };
  return { icon: event === 'rolled_back' || event === 'cancelled' ? 'undo' : 'clock', kind: 'plain' };
}

/**
 * Whether somebody may decide about a request of a list. The list does not say, so
 * this follows the same rules as the server, which has the last word.
 */
export function mayDecide(r: Delink, me: Me | undefined): boolean {
  if (!me?.permissions.includes('delink:approve') || r.submitted_by_me) return false;
  if (r.workflow_status === 'awaiting_bank_approval') {
    return !me.operator_code && r.items.some((i) => i.state === 'waiting' && (!me.bank_code || i.target === me.bank_code));
  }
  return !me.bank_code && (r.workflow_status === 'submitted' || r.workflow_status === 'disputed');
}

/** The time until a deadline, or since it was missed; nothing when nothing is waited for. */
export function timeLeft(due: string | null, now: number): string {
  if (!due) return '–';
  const seconds = (Date.parse(due) - now) / 1000;
  return seconds > 0 ? t('delink.left', { time: duration(seconds) }) : t('delink.over', { time: duration(-seconds) });
}
