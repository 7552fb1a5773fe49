import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Job, Me } from '$/api/types';
import JobPage from '$/jobs/JobPage.svelte';
import Jobs from '$/jobs/Jobs.svelte';
import Dashboard from '$/reconix/dashboard/Dashboard.svelte';
import Imports from '$/reconix/imports/Imports.svelte';
import { expectAccessible } from './help';
import { open, refused } from './pages';

beforeEach(() => localStorage.clear());
afterEach(() => vi.unstubAllGlobals());

const clerk: Me = {
  id: 'usr_1', email: 'ada@example.ng', full_name: 'Ada Obi', role: 'admin',
  permissions: ['sim:read', 'sim:bulk_upload', 'linkage:write', 'dashboard:read'],
};
const empty = { items: [], total: 0, skip: 0, limit: 25 };
const operators = { ...empty, items: [{ code: 'MTN', name: 'MTN Nigeria' }], total: 1 };
const job = (more: Partial<Job> = {}): Job => ({
  id: 'job_1', kind: 'inventory.import', title: 'Inventory of MTN', stage: '', state: 'succeeded', result: null, error: null, operator_code: 'MTN',
  progress: { done: 0, total: 0, unit: 'rows', per_second: 0 },
  created_at: '2026-11-20T10:00:00Z', started_at: '2026-11-20T10:00:01Z', finished_at: '2026-11-20T10:05:00Z', ...more,
});
const feed = (day: string, state: string, rows: number) => ({
  operator_code: 'MTN', day, state, rows, rejected: 0, changed: 0, job_id: 'job_1', file_name: 'mtn.csv', digest: '', received_at: '2026-11-20T10:00:00Z',
});
const looked = {
  kind: 'inventory', read_as: 'inventory',
  format: { compression: '', encoding: 'UTF-8', delimiter: 'semicolon', quoted: false, line_end: 'LF', header_line: 1, dates: '' },
  columns: [{ position: 1, title: 'Line', field: 'MSISDN', sample: '08031234567' }, { position: 2, title: 'When', field: '', sample: '2026-01-31' }],
  fields: [{ name: 'MSISDN', required: true }, { name: 'ACTIVATION_DATE', required: true }],
  rows: [], rows_estimated: 12, problems: [{ field: '', code: 'MISSING_COLUMNS', message: 'The header has no such column.', refused: true }],
};

describe('the page that brings a file in', () => {
  it('says who may not', () => {
    open(Imports, {}, '/imports', {}, { ...clerk, permissions: ['sim:read'] });
    expect(screen.queryByText('What is in the file?')).toBeNull();
    expect(screen.getByText(/sim:bulk_upload/)).toBeTruthy();
  });

  it('keeps a file back until what it needs is placed, and asks the server again', async () => {
    const { container, asked } = open(
      Imports, { 'GET /operators': operators, 'GET /inventories': empty, 'POST /imports/preview': looked }, '/imports?operator=MTN&day=2026-11-20', {}, clerk,
    );
    await screen.findByText(/None yet/);
    const input = container.querySelector('input[type=file]') as HTMLInputElement;
    await fireEvent.change(input, { target: { files: [new File(['Line;When\n'], 'x.csv')] } });
    await screen.findByText(/Not placed yet: Date of activation/);
    expect(screen.queryByText('The header has no such column.')).toBeNull();
    expect(screen.getByRole('button', { name: 'Send the file' })).toHaveProperty('disabled', true);
    await fireEvent.change(screen.getByLabelText('Column 2 is'), { target: { value: 'ACTIVATION_DATE' } });
    await waitFor(() => expect(asked.filter((a) => a.path === '/imports/preview')).toHaveLength(2));
    expect(asked.filter((a) => a.path === '/imports/preview')[1]?.query.get('columns')).toBe('MSISDN:1,ACTIVATION_DATE:2');
    await expectAccessible(container);
  });

  it('tells what went wrong with the inventories, with the number to quote', async () => {
    open(Imports, { 'GET /operators': operators, 'GET /inventories': refused(500, 'INTERNAL') }, '/imports', {}, clerk);
    expect((await screen.findAllByText(/req_test/)).length).toBeGreaterThan(0);
  });
});

describe('the list of jobs', () => {
  it('keeps its filters in the address', async () => {
    const { asked } = open(Jobs, { 'GET /jobs': { ...empty, items: [job()], total: 1 } }, '/jobs?state=failed&kind=linkage.import', {}, clerk);
    await screen.findByText('Inventory of MTN');
    expect(Object.fromEntries(asked[0]?.query ?? [])).toMatchObject({ state: 'failed', kind: 'linkage.import' });
  });

  it('says that nothing has run', async () => {
    open(Jobs, { 'GET /jobs': empty }, '/jobs', {}, clerk);
    expect(await screen.findByText('Nothing has run yet')).toBeTruthy();
  });

  it('says that a filter finds nothing, and takes it away', async () => {
    const { went } = open(Jobs, { 'GET /jobs': empty }, '/jobs?kind=detect.scan', {}, clerk);
    const ways = await screen.findAllByRole('button', { name: 'Clear the filters' });
    await fireEvent.click(ways[ways.length - 1] as HTMLElement);
    expect(went.at(-1)).toBe('');
  });
});

describe('the page of a job', () => {
  it('explains the breaker, and asks once before it goes on', async () => {
    const paused = job({ state: 'paused', error: 'The file has 900 rows.', finished_at: null });
    const { asked, container } = open(JobPage, {
      'GET /jobs/job_1': paused,
      'GET /inventories': ({ url }: { url: URL }) => ({ ...empty, items: [url.searchParams.get('job') ? feed('2026-11-20', 'stopped', 900) : feed('2026-11-19', 'applied', 1000)], total: 1 }),
      'POST /jobs/job_1/resume': job({ state: 'queued' }),
    }, '/jobs/job_1', { id: 'job_1' }, clerk);
    await screen.findByText('It lacks 100 numbers that the last inventory had: 10 % of all.');
    await expectAccessible(container);
    await fireEvent.click(screen.getByRole('button', { name: 'Go on' }));
    expect(asked.some((a) => a.path.endsWith('/resume'))).toBe(false);
    const ways = screen.getAllByRole('button', { name: 'Go on' });
    await fireEvent.click(ways[ways.length - 1] as HTMLElement);
    await waitFor(() => expect(asked.some((a) => a.path.endsWith('/resume'))).toBe(true));
  });

  it('lists why rows were refused', async () => {
    open(JobPage, {
      'GET /jobs/job_1': job({ result: { rows: 10, rejected: 2 } }),
      'GET /jobs/job_1/errors.csv': () => new Response('line,column,code,message\r\n2,MSISDN,NUMBER,is no number\r\n3,MSISDN,NUMBER,is no number\r\n'),
    }, '/jobs/job_1', { id: 'job_1' }, clerk);
    expect(await screen.findByText('Is no number')).toBeTruthy();
    expect(screen.getByRole('heading', { name: '2 rows were refused' })).toBeTruthy();
  });

  it('is not found when it is somebody else’s', async () => {
    open(JobPage, { 'GET /jobs/job_1': refused(404, 'NOT_FOUND') }, '/jobs/job_1', { id: 'job_1' }, clerk);
    expect(await screen.findByText(/req_test/)).toBeTruthy();
  });
});

describe('the dashboard', () => {
  it('shows a lock to who may not count', async () => {
    open(Dashboard, { 'GET /dashboard/stats': refused(403, 'FORBIDDEN'), 'GET /jobs': empty }, '/', {}, clerk);
    expect((await screen.findAllByRole('heading')).length).toBeGreaterThan(0);
    await waitFor(() => expect(screen.queryByText('Numbers known')).toBeNull());
  });
});
