import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { delinkChannel } from '$/api/live.svelte';
import type { Delink, DelinkDetail, LiveEvent, Me, SimDetail } from '$/api/types';
import { everySentence } from '$/i18n/index.svelte';
import { askOf } from '$/reconix/delink/filter';
import Queue from '$/reconix/delink/Queue.svelte';
import Request from '$/reconix/delink/Request.svelte';
import { mayDecide, timeLeft } from '$/reconix/delink/state';
import { swipe } from '$/reconix/delink/swipe';
import { hasReason } from '$/reconix/delink/verbs';
import { guess } from '$/reconix/sims/ask';
import { expectAccessible } from './help';
import { open, refused, tagged } from './pages';

const admin: Me = {
  id: 'usr_1', email: 'ada@example.ng', full_name: 'Ada Obi', role: 'admin',
  permissions: ['sim:read', 'delink:read', 'delink:create', 'delink:approve', 'delink:cancel'],
};
const item: Delink['items'][number] = {
  id: 'dlk_1-1', kind: 'NIN', target: 'NIMC', number: '120****1234', linked_date: '2020-01-05', basis: 'stale', why: 'It began before the present holder did.',
  state: 'waiting', asked_at: null, decided_at: null, tries: 0, told: '', done_at: null,
};
const request = (n: number, more: Partial<Delink> = {}): Delink => ({
  id: `dlk_${n}`, recycled_sim_id: `sim_${n}`, msisdn: `+23480312345${60 + n}`, operator_code: 'MTN', request_type: 'nin', status: 'pending',
  workflow_status: 'submitted', waits_for: 'operator', reason: 'A stranger has it', risk_score: 0.7, submitted_by: 'Bola', submitted_by_me: false,
  due_at: '2020-01-01T00:00:00Z', overdue: true, escalated_at: null, created_at: '2026-11-20T09:00:00Z', updated_at: '2026-11-20T09:00:00Z',
  completed_at: null, items: [item], ...more,
});
const detail = (more: Partial<DelinkDetail> = {}): DelinkDetail => ({
  ...request(1), approvals: [], timeline: [{ at: '2026-11-20T09:00:00Z', event: 'submitted', from: '', to: 'submitted', actor: 'Bola', role: 'operator' }],
  attachments: [], on_hold: false, has_certificate: false, actions: ['approve', 'reject', 'cancel', 'dispute', 'attach'], ...more,
});
const list = (items: Delink[]) => ({ items, total: items.length, skip: 0, limit: 25, total_estimated: false });
const nothing = { items: [], total: 0, skip: 0, limit: 100 };
const around = { 'GET /operators': nothing, 'GET /banks': nothing };

let tell: (event: LiveEvent) => void = () => undefined;
beforeEach(async () => {
  await everySentence();
  vi.spyOn(delinkChannel, 'listen').mockImplementation((listener) => {
    tell = listener;
    return () => undefined;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('the rules that the list follows', () => {
  it('asks the server what the tab means', () => {
    expect(askOf(new URLSearchParams())).toMatchObject({ waiting_for: 'me', sort: 'due_at' });
    expect(askOf(new URLSearchParams('tab=overdue'))).toMatchObject({ overdue: 'true' });
    expect(askOf(new URLSearchParams('tab=ended'))).toMatchObject({ open: 'false', sort: '-created_at' });
    expect(askOf(new URLSearchParams('tab=ended&status=rejected'))).toMatchObject({ open: 'false', status: 'rejected' });
    expect(askOf(new URLSearchParams('tab=open'))).toMatchObject({ open: 'true', sort: 'due_at' });
    expect(askOf(new URLSearchParams('tab=open')).waiting_for).toBeUndefined();
  });

  it('lets nobody decide about their own, an operator for no bank, and a bank for its own items only', () => {
    const bank = { ...admin, bank_code: '044' };
    const asked = request(1, { workflow_status: 'awaiting_bank_approval', items: [{ ...item, kind: 'BVN', target: '044' }] });
    expect(mayDecide(request(1), admin)).toBe(true);
    expect(mayDecide(request(1, { submitted_by_me: true }), admin)).toBe(false);
    expect(mayDecide(request(1), { ...admin, permissions: ['delink:read'] })).toBe(false);
    expect(mayDecide(request(1), bank)).toBe(false);
    expect(mayDecide(asked, bank)).toBe(true);
    expect(mayDecide(asked, { ...admin, bank_code: '058' })).toBe(false);
    expect(mayDecide(asked, { ...admin, operator_code: 'MTN' })).toBe(false);
  });

  it('wants a reason where something is refused or undone', () => {
    expect([hasReason('approve', ''), hasReason('reject', ' a '), hasReason('reject', 'not ours'), hasReason('rollback', '')]).toEqual([true, false, true, false]);
  });

  it('tells the time that is left, and what is over', () => {
    const now = Date.parse('2026-11-20T09:00:00Z');
    expect(timeLeft('2026-11-20T10:30:00Z', now)).toBe('1 h 30 min left');
    expect(timeLeft('2026-11-20T08:59:00Z', now)).toBe('1 min 0 s over');
    expect(timeLeft(null, now)).toBe('–');
  });

  it('guesses what is to be removed from what is known', () => {
    const sim = { linkages: [], previous_nin_linked: true, previous_bvn_linked: false } as unknown as SimDetail;
    expect(guess(sim)).toBe('nin');
    expect(guess({ ...sim, previous_bvn_linked: true })).toBe('both');
  });
});

describe('the queue', () => {
  it('rejects what was chosen after one question with a reason, names what failed and keeps it ticked', async () => {
    const { asked, container } = open(
      Queue,
      {
        ...around, 'GET /delink-requests': list([request(1), request(2)]),
        'POST /delink-requests/dlk_1/approve': detail(), 'POST /delink-requests/dlk_2/approve': refused(403, 'FORBIDDEN'),
      },
      '/delink-requests', {}, admin,
    );
    const first = await screen.findByRole('link', { name: '+234 803 123 4561' });
    await expectAccessible(container);
    await fireEvent.keyDown(first, { key: 'x' });
    await fireEvent.keyDown(screen.getByRole('link', { name: '+234 803 123 4562' }), { key: 'x' });
    await fireEvent.click(screen.getByRole('button', { name: 'Reject' }));
    const dialog = screen.getByRole('dialog', { name: 'Reject 2 requests?' });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Reject' }));
    expect(asked.filter((a) => a.method === 'POST')).toEqual([]);
    await fireEvent.input(within(dialog).getByLabelText(/^Reason/), { target: { value: 'not a stranger' } });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Reject' }));
    expect(await within(dialog).findByText('+234 803 123 4562')).toBeTruthy();
    expect(asked.filter((a) => a.method === 'POST').map((a) => a.body)).toEqual([
      { approved: false, reason: 'not a stranger' }, { approved: false, reason: 'not a stranger' },
    ]);
    await waitFor(() => expect(screen.getByText('1 row selected')).toBeTruthy());
  });

  it('writes a live step into the row that it is about, and only counts what is new', async () => {
    open(Queue, { ...around, 'GET /delink-requests': list([request(1)]) }, '/delink-requests', {}, admin);
    const link = await screen.findByRole('link', { name: '+234 803 123 4561' });
    const news = { id: 'dlk_1', status: 'rejected', workflow_status: 'rejected', due_at: null, at: '2026-11-21T09:00:00Z' };
    tell({ type: 'delink.rejected', data: news } as LiveEvent);
    const row = link.closest('tr') as HTMLElement;
    expect(await within(row).findByText('Rejected')).toBeTruthy();
    await waitFor(() => expect(row.classList.contains('glow')).toBe(true));
    tell({ type: 'delink.submitted', data: { ...news, id: 'dlk_9' } } as LiveEvent);
    expect(await screen.findByRole('button', { name: 'Show 1 new request' })).toBeTruthy();
  });

  it('is empty with a way on', async () => {
    open(Queue, { ...around, 'GET /delink-requests': list([]) }, '/delink-requests', {}, admin);
    expect(await screen.findByText('Nothing waits for you')).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Flagged numbers' })).toBeTruthy();
  });
});

describe('a finger on a row', () => {
  it('asks to approve to the right and to reject to the left, and a short way does nothing', () => {
    const root = document.createElement('div');
    root.innerHTML = '<table><tbody><tr><td>a</td></tr><tr><td>b</td></tr></tbody></table>';
    const did: string[] = [];
    const action = swipe(root, { may: (row) => row === 1, onright: (row) => did.push(`right ${row}`), onleft: (row) => did.push(`left ${row}`) });
    const drag = (row: number, way: number, aside = 0) => {
      const cell = root.querySelectorAll('td')[row] as HTMLElement;
      for (const [type, x, y] of [['pointerdown', 0, 0], ['pointermove', way, aside], ['pointerup', way, aside]] as const) {
        const event = new MouseEvent(type, { bubbles: true, clientX: x, clientY: y });
        Object.defineProperty(event, 'pointerType', { value: 'touch' });
        cell.dispatchEvent(event);
      }
    };
    drag(1, 120);
    drag(1, -120);
    drag(1, 40);
    drag(1, 120, 90);
    drag(0, 120);
    expect(did).toEqual(['right 1', 'left 1']);
    action.destroy();
  });
});

describe('a request', () => {
  const show = (more: Partial<DelinkDetail> = {}, answers = {}) =>
    open(Request, { ...around, 'GET /delink-requests/dlk_1': tagged(detail(more), '"3"'), ...answers }, '/delink-requests/dlk_1', { id: 'dlk_1' }, admin);

  it('offers what the server allows, and approves the version that was looked at', async () => {
    const { asked, container } = show({}, { 'POST /delink-requests/dlk_1/approve': detail({ workflow_status: 'awaiting_nimc_notification' }) });
    await fireEvent.click(await screen.findByRole('button', { name: 'Approve' }));
    await expectAccessible(container);
    const dialog = screen.getByRole('dialog', { name: 'Approve the request for +234 803 123 4561?' });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Approve' }));
    await waitFor(() => expect(asked.find((a) => a.method === 'POST')).toBeTruthy());
    const post = asked.find((a) => a.method === 'POST');
    expect(post?.body).toEqual({ approved: true });
    expect(post?.headers.get('If-Match')).toBe('"3"');
  });

  it('explains four eyes to who submitted it, and offers no decision', async () => {
    show({ submitted_by_me: true, actions: ['cancel', 'attach'] });
    expect(await screen.findByText('You submitted this request')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Approve' })).toBeNull();
  });

  it('offers the certificate of a completed one only', async () => {
    show({ workflow_status: 'completed', status: 'completed', has_certificate: true, actions: [], due_at: null });
    expect(await screen.findByRole('button', { name: 'Save the certificate' })).toBeTruthy();
    expect(screen.queryByText(/deadline has passed/)).toBeNull();
  });
});
