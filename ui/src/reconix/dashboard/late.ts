import type { Stats } from '$/api/types';

const DAY = 86_400_000;
/** Lagos is one hour ahead of UTC, all year. */
const LAGOS = 3_600_000;

/**
 * The operators whose last inventory is older than yesterday's, with the days
 * that are missing: today's file may still be on its way.
 */
export function lateFeeds(coverage: Stats['coverage'], now: Date): { operator: string; days: number }[] {
  const today = Math.floor((now.getTime() + LAGOS) / DAY);
  return coverage
    .map((c) => ({ operator: c.operator_code, days: today - 1 - Math.floor(Date.parse(c.to) / DAY) }))
    .filter((feed) => feed.days > 0);
}
