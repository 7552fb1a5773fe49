import type { QueryClient } from '@tanstack/svelte-query';
import { jobsChannel, simsChannel } from '$/api/live.svelte';
import { RESET } from '$/api/line';
import { paced } from '$/jobs/follow';

/** The least time between two looks at the counts while an import finds numbers by the thousand. */
const BREATH = 3_000;

/** What a number that was found to be recycled moves. */
const COUNTS = ['stats', 'trends'];

/**
 * Keeps the counts moving while numbers are found. Lists are marked old and fetched
 * when somebody comes to them or the job ends: a row moves under nobody's finger.
 * After events were lost, everything is asked anew. Returns how to stop.
 */
export function followAlerts(client: QueryClient, can: (permission: string) => boolean): () => void {
  const count = paced(BREATH, () => {
    for (const key of COUNTS) void client.invalidateQueries({ queryKey: [key] });
    void client.invalidateQueries({ queryKey: ['sims'], refetchType: 'none' });
  });
  const stops = [jobsChannel.listen((event) => event.type === RESET && void client.invalidateQueries())];
  if (can('sim:read')) stops.push(simsChannel.listen((event) => (event.type === RESET ? void client.invalidateQueries() : count())));
  return () => stops.forEach((stop) => stop());
}
