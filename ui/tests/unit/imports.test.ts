import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Feed, FilePreview } from '$/api/types';
import { api } from '$/api/rest-client';
import FilePreviewView from '$/reconix/imports/FilePreview.svelte';
import { daysOf, plus } from '$/reconix/imports/days';
import { Previewing } from '$/reconix/imports/preview.svelte';
import { choose, columnsText, fieldsOf, hints, hopeless, kindOf, lacking, readAs, recall, remember, untouched } from '$/reconix/imports/reading';
import { stoppedBy } from '$/jobs/breaker';
import { reasons } from '$/jobs/rejects';
import { expectAccessible } from './help';

const seen = (more: Partial<FilePreview> = {}): FilePreview => ({
  kind: 'inventory',
  read_as: 'inventory',
  format: { compression: 'gzip', encoding: 'UTF-8', delimiter: 'comma', quoted: false, line_end: 'LF', header_line: 1, dates: 'YYYY-MM-DD' },
  columns: [
    { position: 1, title: 'Phone', field: 'MSISDN', sample: '08031234567' },
    { position: 2, title: 'When', field: '', sample: '2026-01-31' },
    { position: 3, title: 'Who', field: 'SUBSCRIBER_NAME', sample: 'A*** O***' },
  ],
  fields: [
    { name: 'MSISDN', required: true },
    { name: 'ACTIVATION_DATE', required: true },
    { name: 'SUBSCRIBER_NAME', required: false },
  ],
  rows: [['08031234567', '2026-01-31', 'A*** O***']],
  rows_estimated: 120_000,
  problems: [],
  ...more,
});

describe('what a file’s name tells', () => {
  it('is its day and operator', () => {
    expect(hints('mtn-inventory_2026-11-20.csv.gz', ['MTN', 'GLO'])).toEqual({ day: '2026-11-20', operator: 'MTN' });
    expect(hints('GLO_20261120.csv', ['MTN', 'GLO'])).toEqual({ day: '2026-11-20', operator: 'GLO' });
    expect(hints('data.csv', ['MTN'])).toEqual({ day: undefined, operator: undefined });
  });
});

describe('the reading of a file', () => {
  beforeEach(() => localStorage.clear());

  it('takes one column for one thing only', () => {
    const fields = choose(fieldsOf(seen()), 3, 'MSISDN');
    expect(fields).toEqual({ 1: '', 2: '', 3: 'MSISDN' });
    expect(lacking(fields, seen().fields)).toEqual(['ACTIVATION_DATE']);
  });

  it('tells the server every field, also those that the file has not', () => {
    expect(columnsText(undefined, seen().fields)).toBe('');
    expect(columnsText({ 1: 'MSISDN', 2: 'ACTIVATION_DATE', 3: '' }, seen().fields)).toBe('MSISDN:1,ACTIVATION_DATE:2,SUBSCRIBER_NAME:0');
    expect(columnsText({ 1: '', 2: '', 3: '' }, seen().fields)).toBe('SUBSCRIBER_NAME:0');
  });

  it('is hopeless only for what the rest of the file cannot mend', () => {
    const problem = (code: string, refused: boolean) => seen({ problems: [{ field: '', code, message: '', refused }] });
    expect(hopeless(problem('MISSING_COLUMNS', true))).toBe(true);
    expect(hopeless(problem('AMBIGUOUS_DATES', true))).toBe(false);
    expect(hopeless(problem('NUMBERS', false))).toBe(false);
  });

  it('sends a list of events as an inventory', () => {
    expect(kindOf(seen({ kind: 'events' }))).toBe('inventory');
    expect(readAs('inventory', seen({ kind: 'events' }))).toBe('events');
    expect(readAs('linkages', seen({ kind: 'events' }))).toBe('linkages');
    expect(kindOf(seen({ kind: 'unknown' }))).toBeUndefined();
    expect(kindOf(seen({ kind: 'checks' }))).toBeUndefined();
  });

  it('is remembered for files of the operator with the same titles', () => {
    const reading = { fields: { 1: 'MSISDN', 2: 'ACTIVATION_DATE', 3: '' }, order: 'dmy' as const };
    remember('inventory', 'MTN', seen(), reading);
    expect(recall('inventory', 'MTN', seen())).toEqual(reading);
    expect(recall('inventory', 'GLO', seen())).toBeUndefined();
    expect(recall('inventory', 'MTN', seen({ columns: seen().columns.slice(1) }))).toBeUndefined();
    remember('inventory', 'MTN', seen(), untouched);
    expect(recall('inventory', 'MTN', seen())).toBeUndefined();
    localStorage.setItem('reconexus.columns', '[nonsense');
    expect(recall('inventory', 'MTN', seen())).toBeUndefined();
  });
});

describe('the look at a file', () => {
  it('sends its beginning only, and the newest question counts', async () => {
    const post = vi.spyOn(api, 'post');
    const late: ((value: never) => void)[] = [];
    post.mockImplementation(() => new Promise((resolve) => late.push(resolve)));
    const previewing = new Previewing();
    const file = new File(['x'.repeat(300 * 1024)], 'x.csv');
    const first = previewing.look(file);
    const second = previewing.look(file, 'linkages');
    late[1]?.(seen({ kind: 'linkages' }) as never);
    late[0]?.(seen() as never);
    expect(await first).toBeUndefined();
    expect((await second)?.kind).toBe('linkages');
    expect(previewing.seen?.kind).toBe('linkages');
    expect(previewing.busy).toBe(false);
    expect((post.mock.calls[0]?.[1] as Blob).size).toBe(256 * 1024);
    expect(post.mock.calls[1]?.[2]?.query).toMatchObject({ kind: 'linkages', size: 300 * 1024 });
    post.mockRestore();
  });
});

describe('the preview of a file', () => {
  it('shows how it is written and lets each column be put right', async () => {
    const onchange = vi.fn();
    const { container } = render(FilePreviewView, { seen: seen(), reading: untouched, onchange });
    expect(container.textContent).toContain('comma-separated · UTF-8 · gzip · header on line 1 · dates as YYYY-MM-DD');
    expect(screen.getByText(/Not placed yet: Date of activation/)).toBeTruthy();
    await fireEvent.change(screen.getByLabelText('Column 2 is'), { target: { value: 'ACTIVATION_DATE' } });
    expect(onchange).toHaveBeenCalledWith({ fields: { 1: 'MSISDN', 2: 'ACTIVATION_DATE', 3: 'SUBSCRIBER_NAME' }, order: '' });
    await expectAccessible(container);
  });

  it('asks which of day and month comes first when nobody can know', async () => {
    const onchange = vi.fn();
    const problems = [{ field: 'ACTIVATION_DATE', code: 'AMBIGUOUS_DATES', message: 'Day and month cannot be told apart.', refused: true }];
    render(FilePreviewView, { seen: seen({ problems }), reading: untouched, onchange });
    expect(screen.getByText('Day and month cannot be told apart.')).toBeTruthy();
    await fireEvent.change(screen.getByLabelText('Order of day and month'), { target: { value: 'mdy' } });
    expect(onchange).toHaveBeenCalledWith({ fields: undefined, order: 'mdy' });
  });
});

describe('the days of an operator', () => {
  const feed = (day: string, state: string, more: Partial<Feed> = {}): Feed => ({
    operator_code: 'MTN', day, state, rows: 10, rejected: 0, changed: 0, job_id: `job_${day}`, file_name: '', digest: '', received_at: '', ...more,
  });

  it('shows which are there and which are missing since the first one', () => {
    const [row] = daysOf([feed('2026-11-18', 'applied'), feed('2026-11-18', 'failed', { job_id: 'job_x' }), feed('2026-11-19', 'failed')], new Map([['MTN', '2026-11-17']]), '2026-11-20', '2026-11-20');
    expect(row?.days.slice(-5).map((d) => d.state)).toEqual(['none', 'missing', 'applied', 'missing', 'due']);
    expect(row?.days.at(-3)?.feed?.job_id).toBe('job_2026-11-18');
    expect(row?.missing).toBe(2);
  });

  it('expects nothing of an operator that has never delivered', () => {
    const [row] = daysOf([feed('2026-11-19', 'failed')], new Map(), '2026-11-20', '2026-11-20');
    expect(row?.days.slice(-2).map((d) => d.state)).toEqual(['failed', 'none']);
    expect(plus('2026-03-01', -1)).toBe('2026-02-28');
  });
});

describe('why rows were refused', () => {
  const list = 'line,column,code,message\r\n2,MSISDN,NUMBER,is no number\r\n3,,BAD_QUOTE,"says ""no"", twice"\r\n4,MSISDN,NUMBER,is no number\r\n5,MSI';
  it('counts reasons, the most frequent first, and leaves out half a row', () => {
    expect(reasons(list, false)).toEqual([
      { column: 'MSISDN', code: 'NUMBER', message: 'is no number', line: '2', count: 2 },
      { column: '', code: 'BAD_QUOTE', message: 'says "no", twice', line: '3', count: 1 },
    ]);
    expect(reasons('line,column,code,message\r\n', true)).toEqual([]);
  });

  it('shows twenty at most', () => {
    const many = 'line,column,code,message\r\n' + Array.from({ length: 50 }, (_, i) => `${i},A,C,why ${i}\r\n`).join('');
    expect(reasons(many, true)).toHaveLength(20);
  });
});

describe('what the breaker saw', () => {
  const feed = (day: string, rows: number): Feed => ({
    operator_code: 'MTN', day, state: 'applied', rows, rejected: 0, changed: 0, job_id: 'j', file_name: '', digest: '', received_at: '',
  });
  it('is the file beside the newest day that was taken', () => {
    expect(stoppedBy(feed('2026-11-20', 900), [feed('2026-11-18', 500), feed('2026-11-19', 1000)])).toEqual({
      now: 900, day: '2026-11-20', before: 1000, beforeDay: '2026-11-19', lacking: 100, percent: '10',
    });
  });
  it('is nothing without anything to compare with', () => {
    expect(stoppedBy(feed('2026-11-20', 900), [])).toBeNull();
    expect(stoppedBy(feed('2026-11-20', 900), [feed('2026-11-19', 800)])).toBeNull();
  });
});
