import type { AuditLine, Job } from '$/api/types';
import { has, label } from '$/i18n/index.svelte';
import { hasEnded, titleOf } from '$/jobs/job';

/** One line of what happened lately. */
export interface Deed {
  id: string;
  at: string;
  text: string;
  /** Who did it; empty for what the box did by itself. */
  who: string;
  state: 'good' | 'bad' | 'plain';
  href: string;
}

/** Lines that are shown. */
export const MOST = 8;

/** Deeds of the audit log that a job of the list tells already, and signing in, which is no news. */
const TOLD = /^(job|auth|inventory|detect|check)\b|^(linkage|sim)\.import|^(GET|POST|PUT|PATCH|DELETE) /;

/** The last things that happened, newest first: jobs that ended, and what people did besides. */
export function lately(jobs: Job[], deeds: AuditLine[]): Deed[] {
  const ended = jobs.filter(hasEnded).map((job): Deed => ({
    id: job.id,
    at: job.finished_at ?? job.created_at,
    text: titleOf(job),
    who: '',
    state: job.state === 'succeeded' ? 'good' : job.state === 'failed' ? 'bad' : 'plain',
    href: `/jobs/${job.id}`,
  }));
  const done = deeds.filter((line) => !TOLD.test(line.action)).map((line): Deed => ({
    id: String(line.seq),
    at: line.at,
    text: deedOf(line.action),
    who: line.name,
    state: line.result === 'done' ? 'plain' : 'bad',
    href: `/audit/${line.seq}`,
  }));
  return [...ended, ...done].sort((a, b) => b.at.localeCompare(a.at)).slice(0, MOST);
}

function deedOf(action: string): string {
  const name = action.replaceAll('.', '_');
  return has(`deed.${name}`) ? label('deed', name) : action;
}

/** Jobs that go on or wait for a person; each once, whatever list it was in. */
export function waitingJobs(jobs: Job[]): Job[] {
  const open = new Map(jobs.filter((job) => !hasEnded(job)).map((job) => [job.id, job]));
  return [...open.values()].slice(0, 5);
}
