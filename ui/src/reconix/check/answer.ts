import type { Check, NumberView } from '$/api/types';
import type { Key } from '$/i18n/index.svelte';

/** The answer in one sentence, and how it looks. */
export interface Plain {
  tone: 'good' | 'bad' | 'warn' | 'info';
  key: Key;
  /** Days and codes as they came; the page writes them. */
  day?: string;
  operator?: string;
}

/**
 * The plain answer to *has this number changed hands since a day?*, or ever when
 * no day is asked about. What is not known is never a no.
 */
export function plainly(view: NumberView, check: Check | undefined): Plain {
  if (view.status === 'UNKNOWN') return { tone: 'info', key: 'check.unknown' };
  const tone = view.status === 'CONFLICTED' ? 'bad' : 'warn';
  const held = view.holder_since ?? undefined;
  const yes: Plain = held ? { tone, key: 'check.yesHeld', day: held } : { tone, key: 'check.yes' };
  if (!check) return view.is_recycled ? yes : noChange(view, held);
  if (check.recycled === 'yes') return yes;
  if (check.recycled === 'no') {
    const sure = view.status === 'CONFLICTED' ? 'bad' : 'good';
    return held ? { tone: sure, key: 'check.noHeld', day: held } : { tone: sure, key: 'check.no', day: check.since };
  }
  const begins = check.coverage?.from;
  if (begins && begins > check.since) return { tone: 'info', key: 'check.noDataBefore', day: begins, operator: check.operator_code };
  return { tone: 'info', key: 'check.noData' };
}

/** Nobody told of a change; how far back that reaches belongs to the answer. */
function noChange(view: NumberView, held: string | undefined): Plain {
  const from = view.coverage?.from ?? undefined;
  const tone = view.status === 'CONFLICTED' ? 'bad' : 'good';
  if (from) return { tone, key: 'check.noneCovered', day: from, operator: view.operator_code ?? undefined };
  return held ? { tone, key: 'check.noHeld', day: held } : { tone: 'info', key: 'check.noData' };
}

/**
 * A number as people type it, as the address and the server take it: without what
 * stands between the digits, and with the 0 that a spreadsheet took away.
 */
export function tidy(typed: string): string {
  const bare = typed.trim().replace(/[\s().-]/g, '').replace(/^\+2340/, '+234');
  return /^[789]\d{9}$/.test(bare) ? `0${bare}` : bare;
}
