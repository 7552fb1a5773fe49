import type { Inquiry } from '$/api/types';

/** Questions that one look at a page asked together. */
export interface Look extends Inquiry {
  count: number;
}

/** How close together questions of one person are one look, in milliseconds. */
const TOGETHER = 60_000;

/** A page asks several things of a number at once: to whoever reads the list, that is one look. */
export function looks(all: Inquiry[]): Look[] {
  const out: Look[] = [];
  for (const one of all) {
    const last = out.at(-1);
    const same = last && last.actor === one.actor && last.purpose === one.purpose && last.job_id === one.job_id;
    if (same && Date.parse(last.at) - Date.parse(one.at) <= TOGETHER) last.count++;
    else out.push({ ...one, count: 1 });
  }
  return out;
}
