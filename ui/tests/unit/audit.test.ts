import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AuditLine } from '$/api/types';
import Audit from '$/audit/Audit.svelte';
import Entry from '$/audit/Entry.svelte';
import { deed, pageOf, span, told } from '$/audit/entry';
import { expectAccessible } from './help';
import { open, refused } from './pages';

const saved: { name: string; text: Promise<string> }[] = [];

beforeEach(() => {
  saved.length = 0;
  let last: Blob | undefined;
  URL.createObjectURL = (blob) => ((last = blob as Blob), 'blob:x');
  URL.revokeObjectURL = () => undefined;
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push({ name: this.download || this.pathname, text: read(last) });
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** jsdom's Blob has no text(). */
const read = (blob: Blob | undefined) =>
  new Promise<string>((resolve) => {
    if (!blob) return resolve('');
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.readAsText(blob);
  });

const line: AuditLine = {
  seq: 7, at: '2026-11-20T09:00:00Z', actor: 'usr_1', name: 'ada@example.ng', role: 'admin', address: '192.0.2.7',
  action: 'user.update', object: 'usr_2', result: 'done', request: 'req_1',
  detail: { version: 4, grants: ['sim:read', 'sim:detect'], grants_before: ['sim:read', 'pii:reveal'], operator: 'MTN', operator_before: '' },
};
const page = (items: AuditLine[], more = {}) => ({ items, total: items.length, skip: 0, limit: 25, ...more });
const whole = { size: 1200, dropped: 0, checkpoints: 3, head: 'qpDOnQ=', faults: [] };

describe('an entry', () => {
  it('is parted into what changed and what is only said', () => {
    const { changes, facts } = told(line.detail);
    expect(changes).toEqual([
      { name: 'grants', before: ['sim:read', 'pii:reveal'], after: ['sim:read', 'sim:detect'] },
      { name: 'operator', before: [], after: ['MTN'] },
    ]);
    expect(facts).toEqual([{ name: 'version', value: '4' }]);
    expect(told({ lonely_before: 1, where: { a: 1 }, off: false }).facts.map((f) => f.value)).toEqual(['1', '{"a":1}', 'false']);
  });

  it('is named in words, or as the server wrote it', () => {
    expect(deed('user.update')).toBe('Account changed');
    expect(deed('PATCH /api/v1/users/{id}')).toBe('PATCH /api/v1/users/{id}');
  });

  it('leads to the page of its object, if that has one', () => {
    expect(pageOf('usr_2')).toBe('/users/usr_2');
    expect(pageOf('ses_2')).toBeUndefined();
    expect(pageOf('usr')).toBeUndefined();
  });

  it('lies in days of Lagos, the last one within', () => {
    expect(span('2026-11-20', '2026-11-20')).toEqual({ from: '2026-11-19T23:00:00.000Z', to: '2026-11-20T23:00:00.000Z' });
    expect(span('', '')).toEqual({});
  });

  it('shows before and after, marked, and gives its proof as a file', async () => {
    const { container } = open(Entry, { 'GET /audit-logs/7': line, 'GET /audit-logs/7/proof': { leaf: 'x' } }, '/audit/7', { id: '7' });
    await screen.findByRole('heading', { name: 'Account changed' });
    expect([...container.querySelectorAll('del')].map((e) => e.textContent)).toEqual(['pii:reveal']);
    expect([...container.querySelectorAll('ins')].map((e) => e.textContent)).toEqual(['sim:detect', 'MTN']);
    expect(screen.getByRole('link', { name: 'Open what it was done to' })).toHaveProperty('pathname', '/users/usr_2');
    await expectAccessible(container);
    await fireEvent.click(screen.getByRole('button', { name: 'Save the proof' }));
    await waitFor(() => expect(saved).toHaveLength(1));
    expect(saved[0]?.name).toBe('audit-proof-7.json');
    expect(JSON.parse((await saved[0]?.text) ?? '')).toEqual({ leaf: 'x' });
  });

  it('says that it is not there', async () => {
    open(Entry, { 'GET /audit-logs/9': refused(404, 'NOT_FOUND') }, '/audit/9', { id: '9' });
    expect(within(await screen.findByRole('alert')).getByText('req_test')).toBeTruthy();
  });
});

describe('the log', () => {
  it('asks for what the address says, and pages by cursor', async () => {
    const { asked, went, container } = open(
      Audit, { 'GET /audit-logs': page([line], { total: 900, next: '7' }) },
      '/audit?actor=ada@example.ng&action=user.&result=done&object=usr_2&from=2026-11-20&to=2026-11-21',
    );
    await screen.findByRole('link', { name: 'Account changed' });
    expect(Object.fromEntries(asked[0]?.query ?? [])).toEqual({
      actor: 'ada@example.ng', action: 'user.', result: 'done', object: 'usr_2', limit: '25',
      from: '2026-11-19T23:00:00.000Z', to: '2026-11-21T23:00:00.000Z',
    });
    expect(screen.getByText('900 entries')).toBeTruthy();
    await expectAccessible(container);
    await fireEvent.click(screen.getByRole('button', { name: 'Older entries' }));
    expect(new URLSearchParams(went[0]).get('after')).toBe('7');
  });

  it('forgets its cursor when a filter changes, and leads back to the newest', async () => {
    const { went } = open(Audit, { 'GET /audit-logs': page([line], { total: -1 }) }, '/audit?after=500');
    await screen.findByRole('button', { name: 'To the newest' });
    expect(screen.queryByText(/entries$/)).toBeNull();
    await fireEvent.change(screen.getByLabelText('Result'), { target: { value: 'denied' } });
    expect(went).toEqual(['?result=denied']);
  });

  it('is empty at first, and says when no filter fits', async () => {
    const first = open(Audit, { 'GET /audit-logs': page([]) });
    await screen.findByText('Nothing has been done yet');
    first.unmount();
    open(Audit, { 'GET /audit-logs': page([]) }, '/audit?result=denied');
    await screen.findByText('Nothing matches');
  });
});

describe('the verification', () => {
  it('says plainly what was proved', async () => {
    const { asked } = open(Audit, { 'GET /audit-logs': page([line]), 'POST /audit-logs/verify': whole });
    await fireEvent.click(screen.getByRole('button', { name: 'Verify the log' }));
    await screen.findByText('The log is whole: all 1,200 entries are exactly what was written');
    expect(screen.getByText('qpDOnQ=')).toBeTruthy();
    expect(screen.getByText(/3 signed checkpoints agree/)).toBeTruthy();
    expect(asked.find((a) => a.method === 'POST')?.body).toEqual({});
  });

  it('says plainly what is broken', async () => {
    open(Audit, { 'GET /audit-logs': page([line]), 'POST /audit-logs/verify': { ...whole, faults: ['entry 3 was changed'] } });
    await fireEvent.click(screen.getByRole('button', { name: 'Verify the log' }));
    await screen.findByText('The log is not what was written: 1 fault');
    expect(screen.getByText('entry 3 was changed')).toBeTruthy();
    expect(screen.queryByText(/is whole/)).toBeNull();
  });

  it('holds against a checkpoint that was kept, and takes no other file', async () => {
    const { asked, container } = open(Audit, { 'GET /audit-logs': page([line]), 'POST /audit-logs/verify': whole });
    const picker = container.querySelector<HTMLInputElement>('input[type=file]') as HTMLInputElement;
    const choose = (name: string, text: string) => {
      const file = Object.assign(new File([text], name), { text: async () => text });
      Object.defineProperty(picker, 'files', { value: [file], configurable: true });
      return fireEvent.change(picker);
    };
    await choose('holiday.txt', 'sun and sea');
    await screen.findByText(/holiday.txt is no checkpoint/);
    expect(asked.some((a) => a.method === 'POST')).toBe(false);
    await choose('kept.txt', 'go.sum database tree\n12\nx=\n\n— reconexus-audit abc\n');
    await screen.findByText(/The checkpoint kept.txt agrees too/);
    expect(asked.find((a) => a.method === 'POST')?.body).toMatchObject({ checkpoint: expect.stringContaining('reconexus-audit') });
  });

  it('gives a checkpoint to keep', async () => {
    open(Audit, { 'GET /audit-logs': page([line]), 'GET /audit-logs/checkpoint': { size: 12, note: 'the note', key: 'k' } });
    await fireEvent.click(screen.getByText('Save a checkpoint'));
    await waitFor(() => expect(saved).toHaveLength(1));
    expect(saved[0]?.name).toBe('audit-checkpoint-12.txt');
    expect(await saved[0]?.text).toBe('the note');
  });
});
