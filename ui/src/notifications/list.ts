import type { Instant, Job } from '$/api/types';

/**
 * One line of the bell. It holds codes and ids only, never a number, a name or
 * a title: it is kept on this device, and is put into words when it is shown.
 */
export interface Entry {
  id: string;
  about: 'job' | 'sims' | 'system';
  /** A job's kind, or the type of the event. */
  what: string;
  state: 'succeeded' | 'failed' | 'paused' | 'told';
  operator: string;
  at: Instant;
  read: boolean;
  /** How many such things this line stands for. */
  count: number;
  /** The ids of the jobs among them. */
  jobs: string[];
}

/** Lines that are kept; older ones fall out. */
export const MOST = 50;

/** Successes of one kind within this time are one line: a demo's thirty files end within seconds. */
const FOLD = 10 * 60_000;

/** The list with a job as it now stands: what ended or stopped is told, what goes on again is not. */
export function withJob(list: Entry[], job: Job, at: Instant, read = false): Entry[] {
  const known = list.find((entry) => entry.jobs.includes(job.id));
  if (known?.state === job.state) return list;
  const rest = known?.state === 'paused' ? list.filter((entry) => entry !== known) : list;
  if (job.state !== 'succeeded' && job.state !== 'failed' && job.state !== 'paused') return rest;
  const entry: Entry = {
    id: `${job.id}.${job.state}`, about: 'job', what: job.kind, state: job.state,
    operator: job.operator_code ?? '', at, read, count: 1, jobs: [job.id],
  };
  return job.state === 'succeeded' ? folded(rest, entry) : newest([entry, ...rest]);
}

/** The list with one more number that was found to be recycled. */
export function withSims(list: Entry[], type: string, at: Instant, count: number): Entry[] {
  return folded(list, { id: `sims.${at}`, about: 'sims', what: type, state: 'told', operator: '', at, read: false, count, jobs: [] }, Infinity);
}

/** The list with something that the box says about itself. */
export function withSystem(list: Entry[], id: string, type: string, at: Instant): Entry[] {
  return newest([{ id: `system.${id}`, about: 'system', what: type, state: 'told', operator: '', at, read: false, count: 1, jobs: [] }, ...list]);
}

/** Many of a kind become one line with a count, as long as nobody has read it. */
function folded(list: Entry[], entry: Entry, within = FOLD): Entry[] {
  const like = list.find(
    (other) =>
      other.about === entry.about && other.what === entry.what && other.state === entry.state && other.read === entry.read &&
      Math.abs(Date.parse(entry.at) - Date.parse(other.at)) <= within,
  );
  if (!like || (entry.read && entry.about === 'sims')) return newest([entry, ...list]);
  const one: Entry = {
    ...like,
    at: entry.at > like.at ? entry.at : like.at,
    operator: like.operator === entry.operator ? like.operator : '',
    count: like.count + entry.count,
    jobs: [...like.jobs, ...entry.jobs].slice(-200),
  };
  return newest([one, ...list.filter((other) => other !== like)]);
}

function newest(list: Entry[]): Entry[] {
  return [...list].sort((a, b) => b.at.localeCompare(a.at)).slice(0, MOST);
}

/** Where a line leads. */
export function hrefOf(entry: Entry): string {
  if (entry.about === 'sims') return '/sims';
  if (entry.about === 'system') return '/settings';
  return entry.count === 1 ? `/jobs/${entry.jobs[0]}` : `/jobs?state=${entry.state}`;
}
