import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '$/api/problem';
import type { Me, Sim as Record, SimDetail } from '$/api/types';
import { Bulk } from '$/reconix/number/bulk.svelte';
import { changeable, changed } from '$/reconix/sims/change';
import EditSim from '$/reconix/sims/EditSim.svelte';
import NewSim from '$/reconix/sims/NewSim.svelte';
import { IN_SIGHT, Reveal } from '$/reconix/sims/reveal.svelte';
import Sim from '$/reconix/sims/Sim.svelte';
import Sims from '$/reconix/sims/Sims.svelte';
import { expectAccessible } from './help';
import { open, refused, tagged } from './pages';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const clerk: Me = {
  id: 'usr_1', email: 'ada@example.ng', full_name: 'Ada Obi', role: 'admin',
  permissions: ['sim:read', 'sim:write', 'sim:delete', 'pii:reveal'],
};
const reader: Me = { ...clerk, role: 'auditor', permissions: ['sim:read'] };

const record = (n: number, more: Partial<Record> = {}): Record => ({
  id: `sim_${n}`, sim_serial: '', msisdn: `+23480312345${60 + n}`, imsi: '', operator_code: 'MTN', date_recycled: '2026-11-18', date_deactivated: null,
  previous_owner_nin: '120****1234', previous_owner_name: null, previous_owner_bvn: null, previous_nin_linked: true, previous_bvn_linked: false,
  new_registration_status: 'unknown', linkage_status: 'active', cleanup_status: 'pending', detection_method: 'reconciliation', risk_score: 0.4,
  created_at: '2026-11-20T09:00:00Z', updated_at: '2026-11-20T09:00:00Z', ...more,
});
const detail: SimDetail = {
  ...record(1), status: 'CONFLICTED', risk_level: 'medium', risk_parts: [], linkages: [], tenures: [], events: [], requests: [], history: [],
};
const operators = { items: [{ code: 'MTN', name: 'MTN Nigeria', mnc: '30', aliases: [], valid_from: null, valid_to: null }], total: 1, skip: 0, limit: 100 };
const list = (items: Record[]) => ({ items, total: items.length, skip: 0, limit: 25, total_estimated: false });

describe('a deed on many', () => {
  const limited = () => new Problem(429, { code: 'RATE_LIMITED' }, 7);

  it('goes on behind a failure, and answers what was left', async () => {
    const bulk = new Bulk();
    const left = await bulk.run(['a', 'b', 'c'], async (id) => {
      if (id === 'b') throw new Problem(404, { detail: 'It is gone.' });
    });
    expect(left).toEqual(['b']);
    expect(bulk.failures).toMatchObject([{ id: 'b', problem: { message: 'It is gone.' } }]);
    expect(bulk.done).toBe(3);
  });

  it('waits as long as the server asks, and does it then', async () => {
    const slept: number[] = [];
    const bulk = new Bulk(async (ms) => void slept.push(ms));
    let tries = 0;
    const left = await bulk.run(['a'], async () => {
      if (tries++ < 2) throw limited();
    });
    expect(left).toEqual([]);
    expect(slept).toEqual([7000, 7000]);
  });

  it('ends before the next one when it is stopped', async () => {
    const bulk = new Bulk();
    const did: string[] = [];
    const left = await bulk.run(['a', 'b', 'c'], async (id) => {
      did.push(id);
      bulk.stop();
    });
    expect(did).toEqual(['a']);
    expect(left).toEqual(['b', 'c']);
  });
});

describe('sealed values in clear', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));

  it('go when the time is over', () => {
    const reveal = new Reveal();
    reveal.show({ nin: '12034561234' });
    vi.advanceTimersByTime((IN_SIGHT - 1) * 1000);
    expect(reveal.values).toEqual({ nin: '12034561234' });
    expect(reveal.left).toBe(1);
    vi.advanceTimersByTime(1000);
    expect(reveal.values).toBeUndefined();
  });

  it('go when nobody looks, and with the page', () => {
    const reveal = new Reveal();
    const stop = reveal.guard();
    reveal.show({ nin: '1' });
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(reveal.values).toBeUndefined();
    hidden.mockRestore();
    reveal.show({ nin: '1' });
    stop();
    expect(reveal.values).toBeUndefined();
  });
});

describe('the list', () => {
  it('does a deed to what was chosen by key alone, after it was asked once with the number', async () => {
    const { asked } = open(
      Sims,
      {
        'GET /recycled-sims': list([record(1), record(2), record(3)]),
        'GET /operators': operators,
        'DELETE /recycled-sims/sim_1': null,
        'DELETE /recycled-sims/sim_2': refused(404, 'NOT_FOUND'),
      },
      '/sims', {}, clerk,
    );
    const first = await screen.findByRole('link', { name: '+234 803 123 4561' });
    first.focus();
    await fireEvent.keyDown(first, { key: 'x' });
    await fireEvent.keyDown(first, { key: 'ArrowDown' });
    await fireEvent.keyDown(document.activeElement ?? first, { key: 'x' });
    expect(screen.getByText('2 rows selected')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Delete' }));
    const dialog = screen.getByRole('dialog', { name: 'Delete 2 records?' });
    expect(asked.filter((a) => a.method === 'DELETE')).toEqual([]);
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Delete' }));
    expect(await within(dialog).findByText('1 record was left as it was')).toBeTruthy();
    expect(within(dialog).getByText('+234 803 123 4562')).toBeTruthy();
    expect(asked.filter((a) => a.method === 'DELETE').map((a) => a.path)).toEqual(['/recycled-sims/sim_1', '/recycled-sims/sim_2']);
    await waitFor(() => expect(screen.getByText('1 row selected')).toBeTruthy());
  });

  it('changes what was chosen, and only what was asked for', async () => {
    const { asked } = open(
      Sims,
      { 'GET /recycled-sims': list([record(1)]), 'GET /operators': operators, 'PATCH /recycled-sims/sim_1': record(1) },
      '/sims', {}, clerk,
    );
    const first = await screen.findByRole('link', { name: '+234 803 123 4561' });
    await fireEvent.keyDown(first, { key: 'x' });
    await fireEvent.click(screen.getByRole('button', { name: 'Change the status' }));
    const dialog = screen.getByRole('dialog', { name: 'Change 1 record' });
    await fireEvent.change(within(dialog).getByLabelText('Clean-up'), { target: { value: 'completed' } });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Change the status' }));
    await waitFor(() => expect(asked.find((a) => a.method === 'PATCH')?.body).toEqual({ cleanup_status: 'completed' }));
  });

  it('offers no deed to who may do none, but the file', async () => {
    open(Sims, { 'GET /recycled-sims': list([record(1)]), 'GET /operators': operators }, '/sims', {}, reader);
    await fireEvent.keyDown(await screen.findByRole('link', { name: '+234 803 123 4561' }), { key: 'x' });
    expect(screen.queryByRole('button', { name: 'Delete' })).toBeNull();
    expect(screen.queryByRole('link', { name: 'Report one' })).toBeNull();
    expect(screen.getAllByRole('button', { name: 'Save as CSV' })).toHaveLength(2);
  });
});

describe('a new record', () => {
  it('says at its field what the server found wrong', async () => {
    const { container, asked } = open(
      NewSim,
      { 'GET /operators': operators, 'POST /recycled-sims': refused(422, 'VALIDATION_FAILED', [{ field: 'msisdn', code: 'LENGTH', message: 'The number is too short.' }]) },
      '/sims/new', {}, clerk,
    );
    await fireEvent.input(screen.getByLabelText('Phone number'), { target: { value: '0803' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Report it' }));
    expect(await screen.findByText('The number is too short.')).toBeTruthy();
    expect(screen.getByLabelText('Phone number').getAttribute('aria-invalid')).toBe('true');
    // What is empty was not told.
    expect(asked.find((a) => a.method === 'POST')?.body).toEqual({ msisdn: '0803', sim_serial: '', new_registration_status: 'unknown' });
    await expectAccessible(container);
  });

  it('leads to the record that is there already', async () => {
    const conflict = () => refused(409, 'CONFLICT');
    const answer = conflict();
    answer.body.detail = 'This SIM serial, number and day was reported before, as sim_06h0; a later recycling has a later day.';
    open(NewSim, { 'GET /operators': operators, 'POST /recycled-sims': answer }, '/sims/new', {}, { ...clerk, operator_code: 'MTN' });
    await fireEvent.input(screen.getByLabelText('Phone number'), { target: { value: '08031234567' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Report it' }));
    expect((await screen.findByRole('link', { name: 'Open that record' })).getAttribute('href')).toBe('/sims/sim_06h0');
  });
});

describe('a change of a record', () => {
  it('sends what differs', () => {
    const from = changeable(record(1));
    expect(changed(from, from)).toEqual({});
    expect(changed(from, { ...from, cleanup_status: 'failed' })).toEqual({ cleanup_status: 'failed' });
  });

  it('names the version that was seen, and is kind when somebody else was faster', async () => {
    let version = 0;
    let patches = 0;
    const { asked, went, container } = open(
      EditSim,
      {
        'GET /recycled-sims/sim_1': () => tagged({ ...detail, cleanup_status: version++ ? 'failed' : 'pending' }, `"${version}"`)(),
        'PATCH /recycled-sims/sim_1': () => (patches++ ? record(1) : refused(412, 'PRECONDITION_FAILED')),
      },
      '/sims/sim_1/edit', { id: 'sim_1' }, clerk,
    );
    const save = await screen.findByRole<HTMLButtonElement>('button', { name: 'Save' });
    expect(save.disabled).toBe(true);
    await fireEvent.change(screen.getByLabelText('Linkages'), { target: { value: 'disputed' } });
    await fireEvent.click(save);
    expect(await screen.findByText('Somebody else changed this meanwhile')).toBeTruthy();
    expect(asked.find((a) => a.method === 'PATCH')?.headers.get('If-Match')).toBe('"1"');
    expect(went).toEqual([]);
    await expectAccessible(container);
    await fireEvent.click(screen.getByRole('button', { name: 'Read it again' }));
    await waitFor(() => expect(screen.getByLabelText<HTMLSelectElement>('Clean-up').value).toBe('failed'));
    expect(screen.getByLabelText<HTMLSelectElement>('Linkages').value).toBe('active');
    await fireEvent.change(screen.getByLabelText('Linkages'), { target: { value: 'disputed' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(went).toEqual(['/sims/sim_1']));
    expect(asked.findLast((a) => a.method === 'PATCH')?.headers.get('If-Match')).toBe('"2"');
  });
});

describe('one record', () => {
  it('reveals with a reason, and keeps nothing of it', async () => {
    const { asked, client, unmount } = open(
      Sim,
      {
        'GET /recycled-sims/sim_1': detail,
        'POST /reveals/recycled-sims/sim_1': ({ body }: { body: unknown }) =>
          (body as { reason: string }).reason.length < 10
            ? refused(422, 'VALIDATION_FAILED', [{ field: 'reason', code: 'LENGTH', message: 'The reason is too short.' }])
            : { field: 'nin', value: '12034561234' },
      },
      '/sims/sim_1', { id: 'sim_1' }, clerk,
    );
    await fireEvent.click(await screen.findByRole('button', { name: 'Reveal' }));
    const dialog = screen.getByRole('dialog', { name: 'Reveal the former holder of +234 803 123 4561?' });
    await fireEvent.input(within(dialog).getByLabelText('Why do you need to see it?'), { target: { value: 'because' } });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Reveal' }));
    expect(await within(dialog).findByText('The reason is too short.')).toBeTruthy();
    await fireEvent.input(within(dialog).getByLabelText('Why do you need to see it?'), { target: { value: 'Police case 17' } });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Reveal' }));
    expect(await screen.findByText('12034561234')).toBeTruthy();
    expect(asked.findLast((a) => a.method === 'POST')?.body).toEqual({ field: 'nin', reason: 'Police case 17' });
    expect(JSON.stringify(client.getQueryCache().getAll().map((q) => q.state.data))).not.toContain('12034561234');
    await fireEvent.click(screen.getByRole('button', { name: 'Hide now' }));
    expect(screen.queryByText('12034561234')).toBeNull();
    expect(screen.getByText('120****1234')).toBeTruthy();
    unmount();
  });

  it('is deleted after it was named, and leads back to the list', async () => {
    const { went } = open(
      Sim, { 'GET /recycled-sims/sim_1': detail, 'DELETE /recycled-sims/sim_1': null }, '/sims/sim_1', { id: 'sim_1' }, clerk,
    );
    await fireEvent.click(await screen.findByRole('button', { name: 'Delete' }));
    const dialog = screen.getByRole('dialog', { name: 'Delete the record of +234 803 123 4561?' });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Delete' }));
    await waitFor(() => expect(went).toEqual(['/sims']));
  });

  it('shows who may only read no deed', async () => {
    open(Sim, { 'GET /recycled-sims/sim_1': detail }, '/sims/sim_1', { id: 'sim_1' }, reader);
    expect(await screen.findByText('120****1234')).toBeTruthy();
    for (const name of ['Reveal', 'Delete']) expect(screen.queryByRole('button', { name })).toBeNull();
    expect(screen.queryByRole('link', { name: 'Edit' })).toBeNull();
  });
});
