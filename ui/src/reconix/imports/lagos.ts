/** Today's calendar day in Lagos, which is one hour ahead of UTC all year. */
export function lagosToday(now: Date): string {
  return new Date(now.getTime() + 3_600_000).toISOString().slice(0, 10);
}
