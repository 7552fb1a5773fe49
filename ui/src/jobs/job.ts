import type { Job, JobState } from '$/api/types';
import type { IconName } from '$/design/icons';
import { label, t } from '$/i18n/index.svelte';

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

/** Kinds of work, for a filter; the server refuses others. */
export const KINDS = ['inventory.import', 'linkage.import', 'sims.import', 'detect.scan', 'check.scrub', 'demo.load', 'jobs.tidy'];

/** What a state that needs a person means, and what to do about it; empty where there is nothing to say. */
export function adviceOn(job: Job): string {
  const isFile = job.kind.endsWith('.import') || job.kind === 'check.scrub';
  switch (job.state) {
    case 'queued':
      return job.error ? t('jobAdvice.again') : t('jobAdvice.queued');
    case 'paused':
      return t('jobAdvice.paused');
    case 'failed':
      return isFile ? t('jobAdvice.failedFile') : t('jobAdvice.failed');
    case 'cancelled':
      return isFile ? t('jobAdvice.cancelledFile') : t('jobAdvice.cancelled');
    default:
      return '';
  }
}

/** One thing that happened to a job. */
export interface Moment {
  what: 'created' | 'started' | 'paused' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'queued';
  at: string | null;
}

/** The life of a job so far, newest first; the last moment of one that goes on has no time. */
export function lifeOf(job: Job): Moment[] {
  const life: Moment[] = [{ what: 'created', at: job.created_at }];
  if (job.started_at) life.push({ what: 'started', at: job.started_at });
  if (hasEnded(job)) life.push({ what: job.state as Moment['what'], at: job.finished_at });
  else life.push({ what: job.state as Moment['what'], at: null });
  return life.reverse();
}
