import type { Linkage, SimDetail, Tenure, TenureEvent } from '$/api/types';

const DAY = 86_400_000;

/** One chapter of a number's life: somebody held it, or nobody did. */
export type Chapter =
  | { kind: 'held'; tenure: Tenure; events: TenureEvent[]; linkages: Linkage[] }
  | { kind: 'gap'; from: string; to: string; days: number }
  /** What is known from the time before the first holder on record. */
  | { kind: 'before'; linkages: Linkage[] };

/** A statement that stands no more: told more exactly since, or found to be wrong. */
export interface Earlier {
  tenure: Tenure;
  /** Whether a statement about the same beginning of the same holder stands in its place. */
  refined: boolean;
}

/** A number's life as the page tells it. */
export interface Story {
  /** Newest first. */
  chapters: Chapter[];
  /** The tenure that runs today, if any. */
  present: Tenure | undefined;
  /** Where the present holder's time began, breaks included. */
  began: Tenure | undefined;
  /** The last tenure of somebody else, as far as anybody told. */
  former: Tenure | undefined;
  /** What was said before and stands no more. */
  earlier: Earlier[];
  /** Active linkages that are judged to be a former holder's. */
  stale: Linkage[];
}

/** Puts tenures, gaps, events and linkages into the order in which they happened. */
export function tell(sim: SimDetail): Story {
  const valid = sim.tenures
    .filter((t) => !t.retracted_at)
    .sort((a, b) => compare(a.from, b.from) || a.generation - b.generation);
  const present = valid.findLast((t) => !t.to);
  const firstDay = valid[0]?.from;
  const isOlder = (l: Linkage) => !!firstDay && !!l.linked_date && l.linked_date < firstDay;
  const older = sim.linkages.filter(isOlder);
  const chapters: Chapter[] = older.length ? [{ kind: 'before', linkages: older }] : [];
  for (const [i, tenure] of valid.entries()) {
    const next = valid[i + 1];
    chapters.push({
      kind: 'held',
      tenure,
      events: sim.events.filter((e) => owner(valid, e.day, e.generation) === tenure).sort((a, b) => compare(a.day, b.day)),
      linkages: sim.linkages.filter((l) => l.linked_date && !isOlder(l) && owner(valid, l.linked_date) === tenure),
    });
    const gap = between(tenure, next);
    if (gap) chapters.push(gap);
  }
  const began = present && firstOf(valid, present);
  return {
    chapters: chapters.reverse(),
    present,
    began,
    former: began ? valid[valid.indexOf(began) - 1] : valid.at(-1),
    earlier: sim.tenures
      .filter((t) => t.retracted_at)
      .map((tenure) => ({ tenure, refined: valid.some((v) => v.from === tenure.from && v.holder === tenure.holder) })),
    stale: sim.linkages.filter((l) => l.is_active && l.verdict === 'stale'),
  };
}

/** Walks back over the breaks after which the same holder came back. */
function firstOf(valid: Tenure[], present: Tenure): Tenure {
  let at = valid.indexOf(present);
  while (at > 0 && valid[at]?.same_holder_as_previous) at--;
  return valid[at] ?? present;
}

/** The whole days from one day to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY);
}

/**
 * The tenure in whose time something happened: the last one that had begun by
 * then, of its own generation when that is known. What came before all of them
 * is told with the first.
 */
function owner(valid: Tenure[], day: string | null, generation?: number): Tenure | undefined {
  const own = valid.filter((t) => t.generation === generation);
  const candidates = own.length ? own : valid;
  return candidates.findLast((t) => !t.from || !day || t.from <= day) ?? candidates[0];
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
