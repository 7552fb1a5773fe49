import type { AuditResult } from '$/api/types';
import type { IconName } from '$/design/icons';
import { has, label } from '$/i18n/index.svelte';

/** A day in Lagos begins an hour before the one of UTC, all year. */
const LAGOS = '+01:00';
const DAY = 86_400_000;

/** The instants between which whole days of Lagos lie; the last day is within. */
export function span(from: string, to: string): { from?: string; to?: string } {
  const start = from && Date.parse(`${from}T00:00:00${LAGOS}`);
  const end = to && Date.parse(`${to}T00:00:00${LAGOS}`) + DAY;
  return {
    ...(start && { from: new Date(start).toISOString() }),
    ...(end && { to: new Date(end).toISOString() }),
  };
}

/** What was done, in words; a route that only the pipeline wrote down is named as it is. */
export function deed(action: string): string {
  const name = action.replaceAll('.', '_');
  return has(`deed.${name}`) ? label('deed', name) : action;
}

/** The families of deeds that the filter offers. */
export const FAMILIES = ['auth', 'user', 'api_key', 'inventory', 'linkage', 'sim', 'detect', 'check', 'pii', 'operator', 'bank', 'audit'];

/** How a result looks. */
export const faces: Record<AuditResult, { tone: 'good' | 'warn' | 'bad'; icon: IconName }> = {
  done: { tone: 'good', icon: 'check' },
  failed: { tone: 'warn', icon: 'warning' },
  denied: { tone: 'bad', icon: 'lock' },
};

/** The page of a thing, by what its id begins with. */
export function pageOf(object: string): string | undefined {
  const pages: Record<string, string> = { usr: '/users/', key: '/api-keys/', job: '/jobs/', sim: '/sims/' };
  const [kind] = object.split('_', 1);
  const base = kind && object.includes('_') ? pages[kind] : undefined;
  return base && base + object;
}

/** One thing that was changed: what it was and what it became. */
export interface Change {
  name: string;
  before: string[];
  after: string[];
}

const BEFORE = '_before';

/** Parts what an entry tells into what was changed and what is only said. */
export function told(detail: Record<string, unknown>): { changes: Change[]; facts: { name: string; value: string }[] } {
  const changes: Change[] = [];
  const facts: { name: string; value: string }[] = [];
  for (const [name, value] of Object.entries(detail)) {
    if (name.endsWith(BEFORE) && name.slice(0, -BEFORE.length) in detail) continue;
    if (name + BEFORE in detail) changes.push({ name, before: words(detail[name + BEFORE]), after: words(value) });
    else facts.push({ name, value: words(value).join(', ') });
  }
  return { changes, facts };
}

/** A value as one or more words; what is empty has none. */
function words(value: unknown): string[] {
  if (value === null || value === undefined || value === '') return [];
  if (Array.isArray(value)) return value.flatMap(words);
  return [typeof value === 'object' ? JSON.stringify(value) : String(value)];
}
