import { QueryClient } from '@tanstack/svelte-query';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Job, JobState } from '$/api/types';
import { paced } from '$/jobs/follow';
import { adviceOn, count, counts, later, lifeOf, secondsLeft, titleOf } from '$/jobs/job';
import { begin, takeOver } from '$/jobs/started';

const job = (state: JobState, more: Partial<Job> = {}): Job => ({
  id: 'job_1', kind: 'inventory.import', title: '', stage: '', state, result: null, error: null,
  progress: { done: 0, total: 0, unit: 'rows', per_second: 0 },
  created_at: '2026-11-20T10:00:00Z', started_at: null, finished_at: null, ...more,
});

describe('a job', () => {
  it('has ended for good, whatever arrives late', () => {
    expect(later(job('succeeded'), job('running')).state).toBe('succeeded');
    expect(later(job('running'), job('succeeded')).state).toBe('succeeded');
    expect(later(job('paused'), job('running')).state).toBe('running');
    expect(later(undefined, job('queued')).state).toBe('queued');
  });

  it('keeps its end in the cache when the answer comes after the event', async () => {
    const client = new QueryClient();
    let arrive: (job: Job) => void = () => undefined;
    const answer = new Promise<Job>((resolve) => (arrive = resolve));
    const asked = client.fetchQuery({
      queryKey: ['job', 'job_1'],
      queryFn: async ({ queryKey }) => {
        const late = await answer;
        return later(client.getQueryData<Job>(queryKey), late);
      },
    });
    client.setQueryData<Job>(['job', 'job_1'], job('succeeded'));
    arrive(job('running'));
    await asked;
    expect(client.getQueryData<Job>(['job', 'job_1'])?.state).toBe('succeeded');
  });

  it('says how long it still takes, when anybody can know', () => {
    const progress = { done: 50, total: 150, unit: 'rows', per_second: 20 };
    expect(secondsLeft(job('running', { progress }))).toBe(5);
    expect(secondsLeft(job('running', { progress: { ...progress, total: 0 } }))).toBeUndefined();
    expect(secondsLeft(job('running', { progress: { ...progress, per_second: 0 } }))).toBeUndefined();
  });

  it('counts what it did, counts within counts too', () => {
    const done = job('succeeded', { result: { rows: 10, day: '2026-11-20', events: { port: 2, swap: 1 } } });
    expect(counts(done)).toEqual([['rows', 10], ['port', 2], ['swap', 1]]);
    expect(count(done, 'rows')).toBe(10);
    expect(count(done, 'day')).toBeUndefined();
  });

  it('is named by its kind when it has no title', () => {
    expect(titleOf(job('running'))).toBe('Daily inventory');
    expect(titleOf(job('running', { title: 'Inventory of MTN' }))).toBe('Inventory of MTN');
  });
});

describe('what was started here', () => {
  beforeEach(() => sessionStorage.clear());

  it('is remembered until its end was told', () => {
    expect(begin('job_1')).toBe('job_1');
    expect(takeOver('job_2')).toBe(false);
    expect(takeOver('job_1')).toBe(true);
    expect(takeOver('job_1')).toBe(false);
  });

  it('survives nonsense in the storage', () => {
    sessionStorage.setItem('reconexus.started', '{"no":"list"}');
    expect(takeOver('job_1')).toBe(false);
  });
});

describe('a look at what changed', () => {
  it('is taken at once, and once more for all that ended meanwhile', () => {
    vi.useFakeTimers();
    const run = vi.fn();
    const ask = paced(1_000, run);
    for (let i = 0; i < 30; i++) ask();
    expect(run).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(5_000);
    expect(run).toHaveBeenCalledTimes(2);
    ask();
    expect(run).toHaveBeenCalledTimes(3);
    vi.useRealTimers();
  });
});

describe('a job in words', () => {
  it('says what a state means and what to do about it', () => {
    expect(adviceOn(job('paused'))).toContain('until somebody has looked');
    expect(adviceOn(job('failed'))).toContain('send it again');
    expect(adviceOn(job('failed', { kind: 'detect.scan' }))).toContain('start it again');
    expect(adviceOn(job('queued', { error: 'the disk is full' }))).toContain('tried again');
    expect(adviceOn(job('succeeded'))).toBe('');
    expect(adviceOn(job('running'))).toBe('');
  });

  it('has a life, newest first, whose last moment has no time while it goes on', () => {
    const started = { started_at: '2026-11-20T10:01:00Z' };
    expect(lifeOf(job('running', started)).map((m) => [m.what, m.at])).toEqual([
      ['running', null], ['started', '2026-11-20T10:01:00Z'], ['created', '2026-11-20T10:00:00Z'],
    ]);
    expect(lifeOf(job('failed', { ...started, finished_at: '2026-11-20T10:05:00Z' }))[0]).toEqual({ what: 'failed', at: '2026-11-20T10:05:00Z' });
    expect(lifeOf(job('queued')).map((m) => m.what)).toEqual(['queued', 'created']);
  });
});
