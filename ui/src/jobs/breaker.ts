import type { Feed } from '$/api/types';

/** What the breaker saw when it stopped an inventory. */
export interface Saw {
  now: number;
  day: string;
  before: number;
  beforeDay: string;
  /** Numbers that are not in the file any more. */
  lacking: number;
  /** Their share of the last inventory, in words. */
  percent: string;
}

/** A stopped inventory beside the newest one that was taken; nothing when there is none to compare with. */
export function stoppedBy(own: Feed, taken: Feed[]): Saw | null {
  const last = taken.filter((feed) => feed.rows > 0).sort((a, b) => b.day.localeCompare(a.day))[0];
  if (!last || own.rows >= last.rows) return null;
  const lacking = last.rows - own.rows;
  return {
    now: own.rows,
    day: own.day,
    before: last.rows,
    beforeDay: last.day,
    lacking,
    percent: String(Math.round((1000 * lacking) / last.rows) / 10),
  };
}
