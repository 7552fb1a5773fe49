import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Conflict, LinkageRow, Me } from '$/api/types';
import Conflicts from '$/reconix/identity/Conflicts.svelte';
import BulkCheck from '$/reconix/linkage/BulkCheck.svelte';
import { filterOf, numbersIn } from '$/reconix/linkage/filter';
import Linkages from '$/reconix/linkage/Linkages.svelte';
import { csv } from '$/reconix/number/csv';
import { expectAccessible } from './help';
import { open, refused } from './pages';

afterEach(() => vi.unstubAllGlobals());

const me: Me = { id: 'usr_1', email: '', full_name: 'Ada', role: 'admin', permissions: ['sim:read', 'linkage:read', 'linkage:write', 'audit:read', 'sim:detect'] };
const row: LinkageRow = {
  id: 'lnk_1', msisdn: '+2348031234567', kind: 'NIN', nin: '120****1234', source: 'NIMC', linked_date: null, removed_date: null, is_active: true,
  verdict: 'review', reason: 'Its day is not known.', reported_at: '2026-11-20T09:00:00Z', checked_at: null,
};
const banks = { items: [{ code: '044', name: 'Access Bank', valid_from: null, valid_to: null }], total: 1, skip: 0, limit: 100 };
const list = <T>(items: T[]) => ({ items, total: items.length, skip: 0, limit: 25 });

describe('pasted numbers', () => {
  it('are read from lines, columns and spreadsheets', () => {
    expect(numbersIn('0803 123 4567\n\n8051234567;"+234 (0) 805-1"\tmsisdn, 2348031234567')).toEqual(['08031234567', '08051234567', '+23408051', '2348031234567']);
    expect(numbersIn('')).toEqual([]);
  });

  it('become a file that runs nothing', () => {
    expect(csv(['msisdn', 'x'], [['+2348031234567', '=1+1'], [undefined, true]])).toBe("msisdn,x\r\n+2348031234567,'=1+1\r\n,true\r\n");
  });
});

describe('linkages', () => {
  it('take their filters from the address and nothing else', () => {
    expect(filterOf(new URLSearchParams('verdict=review&is_active=&evil=1&kind=bvn'))).toEqual({ verdict: 'review' });
  });

  it('ask for one kind with its filters, and lead to the number', async () => {
    const { asked, container } = open(Linkages, { 'GET /nin-linkages': list([row]), 'GET /banks': banks }, '/linkages?verdict=review', {}, me);
    const link = await screen.findByRole('link', { name: '+234 803 123 4567' });
    expect(link.getAttribute('href')).toBe('/check?number=%2B2348031234567');
    expect(asked.find((a) => a.path === '/nin-linkages')?.query.get('verdict')).toBe('review');
    await expectAccessible(container);
  });

  it('report one, with the server’s words at the field', async () => {
    const { asked } = open(
      Linkages,
      {
        'GET /bvn-linkages': list([]),
        'GET /banks': banks,
        'POST /bvn-linkages': ({ body }: { body: unknown }) =>
          (body as { bvn: string }).bvn.length === 11 ? { ...row, kind: 'BVN' } : refused(422, 'VALIDATION_FAILED', [{ field: 'bvn', code: 'LENGTH', message: 'A BVN has 11 digits.' }]),
      },
      '/linkages?kind=bvn', {}, me,
    );
    await fireEvent.click(await screen.findByRole('button', { name: 'Report a linkage' }));
    const sheet = screen.getByRole('dialog', { name: 'Report a linkage' });
    const put = (name: string, value: string) => fireEvent.input(within(sheet).getByRole('textbox', { name }), { target: { value } });
    await put('Phone number', '08031234567');
    await put('BVN', '221');
    await put('Who says so', 'NIBSS');
    await fireEvent.change(within(sheet).getByLabelText('Bank'), { target: { value: '044' } });
    await fireEvent.click(within(sheet).getByRole('button', { name: 'Report it' }));
    expect(await within(sheet).findByText('A BVN has 11 digits.')).toBeTruthy();
    await put('BVN', '22134561234');
    await fireEvent.click(within(sheet).getByRole('button', { name: 'Report it' }));
    await waitFor(() => expect(asked.findLast((a) => a.method === 'POST')?.body).toEqual({ msisdn: '08031234567', bvn: '22134561234', source: 'NIBSS', bank_code: '044' }));
    expect(await screen.findByText('The linkage of +234 803 123 4567 is on record.')).toBeTruthy();
  });

  it('verify one on somebody’s word', async () => {
    open(
      Linkages,
      {
        'GET /nin-linkages': list([row]),
        'GET /banks': banks,
        'POST /nin-linkages/verify': {
          msisdn: '+2348031234567', nin: '120****1234', is_linked: true, linked_since: '2024-05-01', verified_at: '2026-11-20T09:00:00Z', source: 'local_record', reported_by: 'NIMC', verdict: 'stale', reason: 'It is older.',
        },
      },
      '/linkages', {}, me,
    );
    await fireEvent.click(screen.getByRole('button', { name: 'Verify one' }));
    const sheet = screen.getByRole('dialog', { name: 'Is a NIN linked?' });
    await fireEvent.input(within(sheet).getByLabelText('Phone number'), { target: { value: '08031234567' } });
    await fireEvent.click(within(sheet).getByRole('button', { name: 'Verify one' }));
    expect(await within(sheet).findByText('Yes, it is linked.')).toBeTruthy();
    expect(within(sheet).getByText('what is kept here')).toBeTruthy();
  });

  it('are empty with the way to fill them', async () => {
    open(Linkages, { 'GET /nin-linkages': list([]), 'GET /banks': banks }, '/linkages', {}, me);
    expect((await screen.findByRole('link', { name: 'Import a file' })).getAttribute('href')).toBe('/imports');
  });
});

describe('many numbers at once', () => {
  it('leave out what cannot be read, and check the others', async () => {
    const { asked } = open(
      BulkCheck,
      {
        'POST /nin-linkages/bulk-check': ({ body }: { body: unknown }) =>
          (body as { msisdns: string[] }).msisdns.includes('0803')
            ? refused(422, 'VALIDATION_FAILED', [{ field: 'msisdns[1]', code: 'LENGTH', message: 'The number is too short.' }])
            : { total_checked: 2, linked_count: 1, unlinked_count: 1, results: [
                { msisdn: '+2348031234567', nin: '120****1234', is_linked: true, linked_since: null, verified_at: '', source: 'local_record', verdict: 'stale' },
                { msisdn: '+2348031234567', is_linked: false, linked_since: null, verified_at: '', source: 'local_record' },
              ] },
      },
      '/linkages/check', {}, me,
    );
    await fireEvent.input(screen.getByRole('textbox'), { target: { value: '08031234567\n0803\n+2348031234567' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Check them' }));
    expect((await screen.findByText('0803')).closest('li')?.textContent).toContain('The number is too short.');
    await fireEvent.click(screen.getByRole('button', { name: 'Leave out 1 number' }));
    await fireEvent.click(screen.getByRole('button', { name: 'Check them' }));
    expect(await screen.findByText('2 checked: 1 linked, 1 not linked')).toBeTruthy();
    expect(asked.at(-1)?.body).toEqual({ msisdns: ['08031234567', '+2348031234567'] });
    // The same number twice is two lines.
    expect(screen.getAllByRole('link', { name: '+234 803 123 4567' })).toHaveLength(2);
    await fireEvent.change(screen.getByLabelText('Show'), { target: { value: 'stale' } });
    expect(screen.getAllByRole('link', { name: '+234 803 123 4567' })).toHaveLength(1);
  });

  it('are a thousand at most', async () => {
    open(BulkCheck, {}, '/linkages/check', {}, me);
    await fireEvent.input(screen.getByRole('textbox'), { target: { value: Array.from({ length: 1001 }, (_, i) => 8_030_000_000 + i).join('\n') } });
    expect(screen.getByText(/^1,001 numbers are too many/)).toBeTruthy();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Check them' }).disabled).toBe(true);
  });
});

describe('conflicts', () => {
  const conflict: Conflict = {
    field: 'holder', verdict: 'stale', reason: 'It is older.',
    sides: [{ source: 'NIMC', says: 'The NIN 120****1234 is linked since 2020-01-01.' }, { source: 'MTN', says: 'The present holder has the number since 2026-03-01.' }],
  };

  it('name both sides and what to do', async () => {
    const { container } = open(
      Conflicts,
      { 'GET /identity/conflicts': list([{ msisdn: '+2348031234567', operator_code: 'MTN', status: 'CONFLICTED', confidence_score: 0.42, conflicts: [conflict] }]) },
      '/conflicts', {}, me,
    );
    expect(await screen.findByText(/The NIN 120\*\*\*\*1234 is linked since 2020-01-01/)).toBeTruthy();
    expect(screen.getByText(/Have the old linkage removed/)).toBeTruthy();
    expect(screen.getByText('Confidence 42 %')).toBeTruthy();
    expect(screen.getByRole('link', { name: '+234 803 123 4567' }).getAttribute('href')).toBe('/check?number=%2B2348031234567');
    await expectAccessible(container);
  });

  it('are none where the sources agree', async () => {
    open(Conflicts, { 'GET /identity/conflicts': list([]) }, '/conflicts', {}, me);
    expect(await screen.findByText('The sources agree')).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Detection runs' }).getAttribute('href')).toBe('/detections');
  });
});
