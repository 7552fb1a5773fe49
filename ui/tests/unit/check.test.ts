import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Check as CheckAnswer, Me, NumberView } from '$/api/types';
import { plainly, tidy } from '$/reconix/check/answer';
import Check from '$/reconix/check/Check.svelte';
import { looks } from '$/reconix/check/inquiries';
import { open, refused } from './pages';

afterEach(() => vi.unstubAllGlobals());

const view = (more: Partial<NumberView> = {}): NumberView => ({
  msisdn: '+2348031234567', status: 'RECYCLED', is_recycled: true, active_nin_linkages: 0, active_bvn_linkages: 0, can_assign_to_new_user: false,
  blockers: ['The number is in use since 2026-03-01.'], cleanup_status: null, operator_code: 'MTN', holder_since: '2026-03-01', evidence: 'tenure',
  coverage: { operator_code: 'MTN', from: '2026-01-01', to: '2026-11-20' }, as_of: '2026-11-20T09:00:00Z', ...more,
});
const said = (more: Partial<CheckAnswer> = {}): CheckAnswer => ({
  msisdn: '+2348031234567', since: '2026-02-01', recycled: 'yes', reassigned: 'yes', status: 'RECYCLED', evidence: ['Tenure 2 (MTN) began on 2026-03-01; another holder.'],
  operator_code: 'MTN', coverage: { operator_code: 'MTN', from: '2026-01-01', to: '2026-11-20' }, as_of: '2026-11-20T09:00:00Z', ...more,
});

describe('the plain answer', () => {
  it('is yes with the day, when there is one', () => {
    expect(plainly(view(), said())).toEqual({ tone: 'warn', key: 'check.yesHeld', day: '2026-03-01' });
    expect(plainly(view({ holder_since: null }), said()).key).toBe('check.yes');
    expect(plainly(view({ status: 'CONFLICTED' }), said()).tone).toBe('bad');
  });

  it('is no since the day that was asked about', () => {
    expect(plainly(view(), said({ since: '2026-04-01', recycled: 'no' }))).toMatchObject({ tone: 'good', key: 'check.noHeld' });
    expect(plainly(view({ holder_since: null, status: 'AVAILABLE' }), said({ since: '2026-04-01', recycled: 'no' }))).toEqual({ tone: 'good', key: 'check.no', day: '2026-04-01' });
    // The right holder, and a stranger's identity all the same: no green light.
    expect(plainly(view({ status: 'CONFLICTED' }), said({ recycled: 'no' })).tone).toBe('bad');
  });

  it('never makes a no of what is not known', () => {
    expect(plainly(view({ status: 'UNKNOWN', is_recycled: false, holder_since: null }), undefined).key).toBe('check.unknown');
    expect(plainly(view(), said({ recycled: 'no_data', since: '2025-01-01' }))).toEqual({ tone: 'info', key: 'check.noDataBefore', day: '2026-01-01', operator: 'MTN' });
    expect(plainly(view(), said({ recycled: 'no_data', since: '2026-02-01' })).key).toBe('check.noData');
    expect(plainly(view({ is_recycled: false, holder_since: null, coverage: undefined }), undefined).key).toBe('check.noData');
  });

  it('says without a day how far back a no reaches', () => {
    expect(plainly(view({ status: 'ACTIVE', is_recycled: false }), undefined)).toEqual({ tone: 'good', key: 'check.noneCovered', day: '2026-01-01', operator: 'MTN' });
    expect(plainly(view(), undefined).key).toBe('check.yesHeld');
  });
});

describe('a number as it is typed', () => {
  it('loses what stands between its digits and gets back its 0', () => {
    expect(['0803 123 4567', '803-123-4567', '+234 (0)803.123.4567', '+2348031234567', ' 2348031234567 '].map(tidy)).toEqual([
      '08031234567', '08031234567', '+2348031234567', '+2348031234567', '2348031234567',
    ]);
  });
});

describe('who looked', () => {
  it('is one look where one page asked several things', () => {
    const at = (s: number) => new Date(Date.UTC(2026, 10, 20, 9, 0, s)).toISOString();
    const all = [
      { at: at(50), actor: 'a', purpose: 'x' }, { at: at(49), actor: 'a', purpose: 'x' }, { at: at(48), actor: 'b', purpose: 'x' },
      { at: at(47), actor: 'a', purpose: 'x' }, { at: at(46), actor: 'a', purpose: 'x', job_id: 'job_1' },
    ];
    expect(looks(all).map((l) => [l.actor, l.count, l.job_id])).toEqual([['a', 2, undefined], ['b', 1, undefined], ['a', 1, undefined], ['a', 1, 'job_1']]);
    expect(looks([{ at: at(0), actor: 'a', purpose: '' }, { at: '2026-11-20T08:00:00Z', actor: 'a', purpose: '' }])).toHaveLength(2);
  });
});

const base = '/identity/msisdn/08031234567';
const answers = {
  [`GET ${base}/status`]: view(),
  'GET /recycling-checks/08031234567': said(),
  [`GET ${base}/linkages`]: {
    msisdn: '+2348031234567', bvn_linkages: [], total_nin: 1, total_bvn: 0, active_nin: 1, active_bvn: 0, as_of: '2026-11-20T09:00:00Z',
    nin_linkages: [{ number: '120****1234', source: 'NIMC', linked_date: '2020-01-01', removed_date: null, is_active: true, verdict: 'stale', reason: 'It is older.' }],
  },
  'GET /identity/lookup': {
    msisdn: '+2348031234567', nin: '120****1234', bvn: null, operator_code: 'MTN', status: 'RECYCLED', is_recycled: true, confidence_score: 0.4, conflicts: [],
    sources_consulted: [{ name: 'operator_feed', reported_by: 'MTN', available: true, age: 172_800 }, { name: 'nin_record', available: false, age: null }],
    last_verified: null, assessed_at: '2026-11-20T09:00:00Z',
  },
  'GET /recycled-sims': { items: [], total: 0, skip: 0, limit: 1, total_estimated: false },
  [`GET ${base}/lookups`]: { items: [{ at: '2026-11-20T09:00:00Z', actor: 'usr_2', actor_name: 'Bola Ade', purpose: 'fraud case' }] },
};
const auditor: Me = { id: 'usr_1', email: '', full_name: 'Ada', role: 'admin', permissions: ['sim:read', 'linkage:read', 'audit:read'] };

describe('the check of one number', () => {
  it('answers from the address, in a sentence, with what it is based on', async () => {
    const { asked } = open(Check, answers, '/check?number=08031234567&since=2026-02-01', {}, auditor);
    expect(await screen.findByText('Yes: it changed hands. Its present holder has it since 1 March 2026.')).toBeTruthy();
    expect(screen.getByText('Tenure 2 (MTN) began on 2026-03-01; another holder.')).toBeTruthy();
    expect(await screen.findByText('NIN 120****1234')).toBeTruthy();
    expect(await screen.findByText('MTN · 2 days ago')).toBeTruthy();
    expect(await screen.findByText(/Bola Ade/)).toBeTruthy();
    expect(screen.getByText('The number is in use since 2026-03-01.')).toBeTruthy();
    expect(asked.find((a) => a.path.startsWith('/recycling-checks'))?.query.get('since')).toBe('2026-02-01');
  });

  it('asks for nothing more than one may see', async () => {
    const { asked } = open(Check, answers, '/check?number=08031234567', {}, { ...auditor, permissions: ['sim:read'] });
    await screen.findByText(/^Yes/);
    expect(asked.map((a) => a.path).filter((path) => /linkages|lookup/.test(path))).toEqual([]);
    expect(screen.queryByText('Who looked it up')).toBeNull();
  });

  it('puts what was typed into the address, and why into no address', async () => {
    const { went } = open(Check, {}, '/check', {}, auditor);
    await fireEvent.input(screen.getByLabelText('Phone number'), { target: { value: '803 123 4567' } });
    await fireEvent.input(screen.getByLabelText('Why you ask'), { target: { value: 'fraud case' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Check' }));
    expect(went).toEqual(['?number=08031234567']);
  });

  it('says what is wrong with a number, and asks no more about it', async () => {
    const { asked } = open(
      Check,
      { 'GET /identity/msisdn/0803/status': refused(422, 'VALIDATION_FAILED', [{ field: 'number', code: 'LENGTH', message: 'The number is too short.' }]) },
      '/check?number=0803', {}, auditor,
    );
    expect((await screen.findAllByText('The number is too short.')).length).toBeGreaterThan(0);
    expect(screen.getByLabelText('Phone number').getAttribute('aria-invalid')).toBe('true');
    expect(asked).toHaveLength(1);
  });

  it('tells with its request id when the server stumbles', async () => {
    open(Check, { [`GET ${base}/status`]: refused(500, 'INTERNAL') }, '/check?number=08031234567', {}, auditor);
    expect(await screen.findByText('req_test')).toBeTruthy();
  });
});

describe('the check of a file', () => {
  it('shows the job that the address names, and its answers by rule', async () => {
    const job = {
      id: 'job_1', kind: 'check.scrub', title: 'Recycling check of a file', stage: '', state: 'succeeded', error: null,
      progress: { done: 3, total: 3, unit: 'rows', per_second: 0 }, result: { rows: 3, answered: 3, recycled: { yes: 2, no: 1 }, reassigned: { yes: 1, no: 2 } },
      created_at: '2026-11-20T09:00:00Z', started_at: null, finished_at: null,
    };
    open(Check, { 'GET /jobs/job_1': job }, '/check?tab=file&job=job_1', {}, auditor);
    await waitFor(() => expect(screen.getByText('Changed hands since')).toBeTruthy());
    expect(screen.getByText('Given up since')).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Result (CSV)' }).getAttribute('href')).toBe('/api/v1/jobs/job_1/result.csv');
  });
});
