import type { Job, JobState } from '$/api/types';
import type { IconName } from '$/design/icons';
import { label } from '$/i18n/index.svelte';

/** Whether nothing more will happen to a job by itself. */
export function hasEnded(job: Job): boolean {
  return job.state === 'succeeded' || job.state === 'failed' || job.state === 'cancelled';
}

/**
 * The later of two tellings of one job. An answer may have been asked for before
 * the job ended and arrive after the event that told of its end, and the other
 * way round: an end is never taken back.
 */
export function later(known: Job | undefined, told: Job): Job {
  return known && hasEnded(known) && !hasEnded(told) ? known : told;
}

/** The job's own title, or its kind in words. */
export function titleOf(job: Job): string {
  return job.title || kindOf(job);
}

/** What sort of work it is, in words. */
export function kindOf(job: Job): string {
  return label('job.kind', job.kind.replaceAll('.', '_'));
}

/** Seconds until the end at the present rate; undefined while nobody can know. */
export function secondsLeft(job: Job): number | undefined {
  const p = job.progress;
  if (!p.per_second || !p.total || p.done > p.total) return undefined;
  return (p.total - p.done) / p.per_second;
}

/** A number of a job's result, if it has one by that name. */
export function count(job: Job, name: string): number | undefined {
  const value = job.result?.[name];
  return typeof value === 'number' ? value : undefined;
}

/** What answers are called, under whatever rule: these names alone would not tell of which. */
const ANSWERS = ['yes', 'no', 'no_data'];

/**
 * Everything that a job counted, in the order in which the server tells it;
 * counts within counts (what happened to numbers) follow their own names, and
 * answers that of their rule.
 */
export function counts(job: Job): [string, number][] {
  return Object.entries(job.result ?? {}).flatMap(([name, value]): [string, number][] => {
    if (typeof value === 'number') return [[name, value]];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value)
      .filter((inner): inner is [string, number] => typeof inner[1] === 'number')
      .map(([inner, n]) => [ANSWERS.includes(inner) ? `${name}_${inner}` : inner, n]);
  });
}

/** How a state looks. */
export const faces: Record<JobState, { tone: 'neutral' | 'info' | 'good' | 'warn' | 'bad'; icon: IconName }> = {
  queued: { tone: 'neutral', icon: 'clock' },
  running: { tone: 'info', icon: 'play' },
  paused: { tone: 'warn', icon: 'stop' },
  succeeded: { tone: 'good', icon: 'check' },
  failed: { tone: 'bad', icon: 'warning' },
  cancelled: { tone: 'neutral', icon: 'cancel' },
};
