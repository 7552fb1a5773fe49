import type { QueryClient } from '@tanstack/svelte-query';
import { delinkChannel } from '$/api/live.svelte';
import { RESET } from '$/api/line';
import type { Delink, DelinkList, LiveEvent } from '$/api/types';
import { paced } from '$/jobs/follow';

/** What an event says of a request. */
type News = Pick<Delink, 'id' | 'status' | 'workflow_status' | 'due_at'> & { at: string };

/**
 * Writes what happened into the rows that are on the page: they glow where they
 * are, and nothing moves under the finger. What is new is only counted.
 */
export function followQueue(client: QueryClient, onnew: (id: string) => void): () => void {
  return delinkChannel.listen((event) => {
    if (event.type === RESET) return void client.invalidateQueries({ queryKey: ['delinks'] });
    const news = (event as LiveEvent<News>).data;
    if (event.type === 'delink.submitted') onnew(news.id);
    client.setQueriesData<DelinkList>({ queryKey: ['delinks'] }, (list) => {
      if (!list?.items.some((r) => r.id === news.id)) return list;
      return { ...list, items: list.items.map((r) => (r.id === news.id ? told(r, news) : r)) };
    });
  });
}

/** A row with what is newer of it. */
function told(row: Delink, { status, workflow_status, due_at, at }: News): Delink {
  if (at < row.updated_at) return row;
  return { ...row, status, workflow_status, due_at, overdue: due_at !== null && due_at <= at, updated_at: at };
}

/** The least time between two looks at a request whose steps follow each other fast. */
const BREATH = 300;

/** Keeps one request at its newest state. */
export function followOne(client: QueryClient, id: string): () => void {
  const look = paced(BREATH, () => void client.invalidateQueries({ queryKey: ['delink', id] }));
  return delinkChannel.listen((event) => {
    if (event.type === RESET || (event as LiveEvent<News>).data.id === id) look();
  });
}
