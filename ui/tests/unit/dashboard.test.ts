import { describe, expect, it } from 'vitest';
import type { AuditLine, Job } from '$/api/types';
import { lately, MOST, waitingJobs } from '$/reconix/dashboard/activity';

const job = (id: string, state: Job['state'], finished: string | null): Job => ({
  id, kind: 'detect.scan', title: '', stage: '', state, result: null, error: null,
  progress: { done: 0, total: 0, unit: '', per_second: 0 }, created_at: '2026-11-20T08:00:00Z', started_at: null, finished_at: finished,
});
const line = (seq: number, action: string, at: string, result = 'done'): AuditLine =>
  ({ seq, at, actor: 'usr_1', name: 'Ada', role: 'admin', address: '', action, object: '', result, request: '', detail: {} }) as AuditLine;

describe('what happened lately', () => {
  it('is jobs that ended and what people did, newest first', () => {
    const told = lately(
      [job('job_1', 'succeeded', '2026-11-20T10:00:00Z'), job('job_2', 'running', null), job('job_3', 'failed', '2026-11-20T12:00:00Z')],
      [line(7, 'user.create', '2026-11-20T11:00:00Z'), line(8, 'sim.update', '2026-11-20T09:00:00Z', 'denied')],
    );
    expect(told.map((d) => d.href)).toEqual(['/jobs/job_3', '/audit/7', '/jobs/job_1', '/audit/8']);
    expect(told.map((d) => d.state)).toEqual(['bad', 'plain', 'good', 'bad']);
    expect(told[1]?.who).toBe('Ada');
  });

  it('says nothing twice: what a job tells, signing in, and bare routes are left out', () => {
    const actions = ['job.cancel', 'auth.login', 'inventory.apply', 'linkage.import', 'linkage.imported', 'detect.start', 'POST /api/v1/imports/preview'];
    expect(lately([], actions.map((a, i) => line(i, a, '2026-11-20T11:00:00Z')))).toEqual([]);
    expect(lately([], [line(1, 'linkage.report', '2026-11-20T11:00:00Z')])).toHaveLength(1);
  });

  it('is short', () => {
    expect(lately(Array.from({ length: 40 }, (_, i) => job(`job_${i}`, 'succeeded', '2026-11-20T10:00:00Z')), [])).toHaveLength(MOST);
  });
});

describe('what goes on', () => {
  it('is each job once, until it ends', () => {
    expect(waitingJobs([job('a', 'paused', null), job('b', 'running', null), job('a', 'paused', null), job('c', 'succeeded', 'x')]).map((j) => j.id)).toEqual(['a', 'b']);
  });
});
