import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Job, Me, Operator } from '$/api/types';
import Detections from '$/reconix/detect/Detections.svelte';
import Operators from '$/reconix/operators/Operators.svelte';
import { expectAccessible } from './help';
import { open, refused, tagged } from './pages';

afterEach(() => vi.unstubAllGlobals());

const admin: Me = { id: 'usr_1', email: '', full_name: 'Ada', role: 'admin', permissions: ['sim:read', 'user:manage', 'sim:detect', 'linkage:read'] };
const auditor: Me = { ...admin, role: 'auditor', permissions: ['sim:read'] };
const t2: Operator = {
  code: 'T2', name: 'T2', mnc: '60', aliases: [{ name: 'Etisalat', from: null, to: '2017-07-13' }], valid_from: null, valid_to: null,
};
const list = <T>(items: T[]) => ({ items, total: items.length, skip: 0, limit: 100 });

describe('operators and banks', () => {
  it('are read by all, and changed by who manages', async () => {
    const { container } = open(Operators, { 'GET /operators': list([t2]) }, '/operators', {}, auditor);
    expect(await screen.findByText('Etisalat')).toBeTruthy();
    expect(screen.queryByRole('link', { name: 'T2' })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Add an operator' })).toBeNull();
    await expectAccessible(container);
  });

  it('are changed on the version that was seen', async () => {
    const { asked, went } = open(
      Operators,
      { 'GET /operators': list([t2]), 'GET /operators/T2': tagged(t2, '"4"'), 'PATCH /operators/T2': t2 },
      '/operators?open=T2', {}, admin,
    );
    const sheet = await screen.findByRole('dialog', { name: 'Change T2' });
    await fireEvent.input((await within(sheet).findAllByRole('textbox', { name: 'Name' }))[0] as HTMLElement, { target: { value: 'T2 (9mobile)' } });
    await fireEvent.click(within(sheet).getByRole('button', { name: 'Add a name' }));
    await fireEvent.click(within(sheet).getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(went).toEqual(['']));
    const patch = asked.find((a) => a.method === 'PATCH');
    expect(patch?.headers.get('If-Match')).toBe('"4"');
    // A name that was left empty is none.
    expect(patch?.body).toEqual({ name: 'T2 (9mobile)', mnc: '60', host_code: '', valid_from: '', valid_to: '', aliases: [{ name: 'Etisalat', to: '2017-07-13' }] });
  });

  it('are not removed while records refer to them, and that is said', async () => {
    const conflict = refused(409, 'CONFLICT');
    conflict.body.detail = 'Records refer to this code, so that it cannot be removed.';
    const { went } = open(
      Operators,
      { 'GET /operators': list([t2]), 'GET /operators/T2': tagged(t2, '"4"'), 'DELETE /operators/T2': conflict },
      '/operators?open=T2', {}, admin,
    );
    await fireEvent.click(await screen.findByRole('button', { name: 'Delete' }));
    const dialog = screen.getByRole('dialog', { name: 'Delete T2?' });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Delete' }));
    expect(await within(dialog).findByText('Records refer to this code, so that it cannot be removed.')).toBeTruthy();
    expect(went).toEqual([]);
  });

  it('take a new bank, with the server’s words at the field', async () => {
    const { asked } = open(
      Operators,
      { 'GET /banks': list([]), 'POST /banks': refused(422, 'VALIDATION_FAILED', [{ field: 'body.code', code: 'PATTERN', message: 'The code has 3 to 6 digits.' }]) },
      '/operators?tab=banks&open=new', {}, admin,
    );
    const sheet = await screen.findByRole('dialog', { name: 'Add a bank' });
    await fireEvent.input(within(sheet).getByRole('textbox', { name: 'CBN code' }), { target: { value: '4' } });
    await fireEvent.input(within(sheet).getByRole('textbox', { name: 'Name' }), { target: { value: 'Kuda' } });
    await fireEvent.click(within(sheet).getByRole('button', { name: 'Save' }));
    expect(await within(sheet).findByText('The code has 3 to 6 digits.')).toBeTruthy();
    expect(asked.find((a) => a.method === 'POST')?.body).toEqual({ code: '4', name: 'Kuda', valid_from: '', valid_to: '' });
  });
});

describe('detection runs', () => {
  const run: Job = {
    id: 'job_1', kind: 'detect.scan', title: '', stage: '', state: 'succeeded', error: null, progress: { done: 0, total: 0, unit: 'linkages', per_second: 0 },
    result: { scanned: 8131, conflicted: 511, clean: 7548, review: 72 }, created_at: '2026-11-20T09:00:00Z', started_at: '2026-11-20T09:00:00Z', finished_at: '2026-11-20T09:00:05Z',
  };

  it('tell what each found, with its file', async () => {
    const { asked, container } = open(Detections, { 'GET /jobs': list([run]) }, '/detections', {}, admin);
    expect(await screen.findByText('8,131')).toBeTruthy();
    expect(screen.getByText('511')).toBeTruthy();
    expect(screen.getByRole('link', { name: 'CSV' }).getAttribute('href')).toBe('/api/v1/jobs/job_1/result.csv');
    expect(asked[0]?.query.get('kind')).toBe('detect.scan');
    await expectAccessible(container);
  });

  it('judge everything again after it was asked once', async () => {
    const { asked } = open(Detections, { 'GET /jobs': list([run]), 'POST /recycled-sims/detect': { job_id: 'job_2' } }, '/detections', {}, admin);
    await fireEvent.click(await screen.findByRole('button', { name: 'Judge everything again' }));
    const dialog = screen.getByRole('dialog', { name: 'Judge every linkage again?' });
    expect(asked.some((a) => a.method === 'POST')).toBe(false);
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Judge everything again' }));
    await waitFor(() => expect(asked.find((a) => a.method === 'POST')?.query.get('full')).toBe('true'));
  });

  it('are started by who may, and by nobody who is bound to a tenant', async () => {
    open(Detections, { 'GET /jobs': list([]) }, '/detections', {}, { ...admin, operator_code: 'MTN' });
    expect(await screen.findByText('No run yet')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Run detection' })).toBeNull();
  });
});
