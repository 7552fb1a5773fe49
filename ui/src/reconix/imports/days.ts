import type { Feed } from '$/api/types';

/** What is known of one operator's inventory for one day. */
export interface FeedDay {
  day: string;
  /** The file that counts for the day. */
  feed: Feed | undefined;
  /** `missing`: one should be there; `due`: today's, which may still come; `none`: before the first one. */
  state: 'applied' | 'receiving' | 'filed' | 'stopped' | 'failed' | 'missing' | 'due' | 'none';
}

export interface OperatorDays {
  operator: string;
  days: FeedDay[];
  missing: number;
}

/** Days that are shown at once. */
export const SPAN = 14;

const DAY = 86_400_000;

/** The day so many days after another one. */
export function plus(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);
}

/** Which of two files of one day counts: what was taken before what waits, what waits before what failed. */
const RANK = ['failed', 'filed', 'receiving', 'stopped', 'applied'];
const rank = (feed: Feed) => RANK.indexOf(feed.state);

/**
 * Each operator's last days until one, with the days that are missing: between
 * the first inventory of an operator and yesterday there should be one a day.
 */
export function daysOf(feeds: Feed[], first: Map<string, string>, until: string, today: string): OperatorDays[] {
  const by = new Map<string, Map<string, Feed>>();
  for (const code of first.keys()) by.set(code, new Map());
  for (const feed of feeds) {
    const days = by.get(feed.operator_code) ?? new Map<string, Feed>();
    const known = days.get(feed.day);
    if (!known || rank(feed) > rank(known)) days.set(feed.day, feed);
    by.set(feed.operator_code, days);
  }
  return [...by.keys()].sort().map((operator) => {
    const known = by.get(operator) ?? new Map<string, Feed>();
    const began = [first.get(operator), ...[...known.values()].filter((f) => f.state === 'applied').map((f) => f.day)].filter(Boolean).sort()[0];
    const days = Array.from({ length: SPAN }, (_, i): FeedDay => {
      const day = plus(until, i + 1 - SPAN);
      const feed = known.get(day);
      if (feed && feed.state !== 'failed') return { day, feed, state: feed.state as FeedDay['state'] };
      if (!began || day < began || day > today) return { day, feed, state: feed ? 'failed' : 'none' };
      return { day, feed, state: day === today ? 'due' : 'missing' };
    });
    return { operator, days, missing: days.filter((d) => d.state === 'missing').length };
  });
}
