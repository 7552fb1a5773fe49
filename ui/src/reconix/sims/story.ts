import type { Linkage, SimDetail, Tenure, TenureEvent } from '$/api/types';

const DAY = 86_400_000;

/** One chapter of a number's life: somebody held it, or nobody did. */
export type Chapter =
  | { kind: 'held'; tenure: Tenure; events: TenureEvent[]; linkages: Linkage[] }
  | { kind: 'gap'; from: string; to: string; days: number }
  | { kind: 'retracted'; tenure: Tenure };

/** A number's life as the page tells it. */
export interface Story {
  /** Newest first. */
  chapters: Chapter[];
  /** The tenure that runs today, if any. */
  present: Tenure | undefined;
  /** The one before it. */
  former: Tenure | undefined;
  /** Active linkages that are judged to be a former holder's. */
  stale: Linkage[];
}

/** Puts tenures, gaps, events and linkages into the order in which they happened. */
export function tell(sim: SimDetail): Story {
  const valid = sim.tenures
    .filter((t) => !t.retracted_at)
    .sort((a, b) => compare(a.from, b.from) || a.generation - b.generation);
  const present = valid.findLast((t) => !t.to);
  const chapters: Chapter[] = [];
  for (const [i, tenure] of valid.entries()) {
    const next = valid[i + 1];
    chapters.push({
      kind: 'held',
      tenure,
      events: sim.events.filter((e) => e.day && inside(e.day, tenure, i === 0, next)).sort((a, b) => compare(a.day, b.day)),
      linkages: sim.linkages.filter((l) => l.linked_date && inside(l.linked_date, tenure, i === 0, next)),
    });
    const gap = between(tenure, next);
    if (gap) chapters.push(gap);
  }
  const retracted = sim.tenures.filter((t) => t.retracted_at).map((t): Chapter => ({ kind: 'retracted', tenure: t }));
  return {
    chapters: [...chapters.reverse(), ...retracted],
    present,
    former: present ? valid[valid.indexOf(present) - 1] : valid.at(-1),
    stale: sim.linkages.filter((l) => l.is_active && l.verdict === 'stale'),
  };
}

/** The whole days from one day to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY);
}

// A chapter keeps what happened from its first day until the next one begins, so
// that an end that is told on the first day without a holder stays with its tenure.
function inside(day: string, tenure: Tenure, first: boolean, next: Tenure | undefined): boolean {
  if (next?.from && day >= next.from) return false;
  return first || !tenure.from || day >= tenure.from;
}

function between(tenure: Tenure, next: Tenure | undefined): Chapter | undefined {
  const from = tenure.to_latest ?? tenure.to;
  if (!from || !next?.from) return undefined;
  const days = daysBetween(from, next.from);
  return days > 0 ? { kind: 'gap', from, to: next.from, days } : undefined;
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0;
}
