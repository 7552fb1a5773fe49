import type { QueryClient } from '@tanstack/svelte-query';
import { jobsChannel } from '$/api/live.svelte';
import type { Job, List, LiveEvent } from '$/api/types';
import { notify } from '$/design/snackbar.svelte';
import { t } from '$/i18n/index.svelte';
import { hasEnded, later, titleOf } from './job';
import { takeOver } from './started';

/** What an ended job may have changed. */
const CHANGED = ['stats', 'trends', 'sims', 'sim', 'inventories', 'jobs'];

/** The least time between two looks at what changed: a demo's thirty jobs end within seconds. */
const BREATH = 2_000;

/**
 * Keeps every job on every page at its newest state while somebody is signed
 * in, and says in a note when one that was started here ends, on whatever other
 * page its starter is by then.
 * Returns how to stop.
 */
export function follow(client: QueryClient): () => void {
  const refresh = paced(BREATH, () => {
    for (const key of CHANGED) void client.invalidateQueries({ queryKey: [key] });
  });
  return jobsChannel.listen((event) => {
    if (event.type !== 'job.updated') return;
    const job = (event as LiveEvent<Job>).data;
    keep(client, job);
    if (!hasEnded(job)) return;
    refresh();
    if (takeOver(job.id) && !onScreen(job)) tell(job);
  });
}

/** Runs something at once, and what is asked for meanwhile once more when the time is over. */
export function paced(time: number, run: () => void): () => void {
  let resting = false;
  let again = false;
  return function ask() {
    if (resting) {
      again = true;
      return;
    }
    run();
    resting = true;
    setTimeout(() => {
      const asked = again;
      resting = again = false;
      if (asked) ask();
    }, time);
  };
}

function keep(client: QueryClient, job: Job) {
  client.setQueryData<Job>(['job', job.id], (known) => later(known, job));
  client.setQueriesData<List<Job>>({ queryKey: ['jobs'] }, (list) => {
    if (!list?.items.some((j) => j.id === job.id)) return list;
    return { ...list, items: list.items.map((j) => (j.id === job.id ? later(j, job) : j)) };
  });
}

/** The page that shows a job says by itself how it ended. */
const onScreen = (job: Job) => location.href.includes(job.id);

function tell(job: Job) {
  const title = titleOf(job);
  const action = { label: t('job.open'), href: `/jobs/${job.id}` };
  if (job.state === 'succeeded') notify(t('job.note.succeeded', { title }), { action });
  else if (job.state === 'failed') notify(t('job.note.failed', { title }), { action, tone: 'bad' });
  else notify(t('job.note.cancelled', { title }));
}
