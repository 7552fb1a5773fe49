import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ApiKey, Roles as RolesAnswer, User as Account } from '$/api/types';
import Roles from '$/access/Roles.svelte';
import { keyBody, keyChange, keyDraft, lagosDay, userBody, userChange, userDraft } from '$/users/draft';
import Key from '$/users/Key.svelte';
import Keys from '$/users/Keys.svelte';
import NewKey from '$/users/NewKey.svelte';
import NewUser from '$/users/NewUser.svelte';
import User from '$/users/User.svelte';
import Users from '$/users/Users.svelte';
import { expectAccessible } from './help';
import { open, refused } from './pages';

afterEach(() => vi.unstubAllGlobals());

const amina: Account = {
  id: 'usr_2', email: 'amina@mtn.example.ng', full_name: 'Amina Bello', role: 'operator', operator_code: 'MTN',
  grants: ['sim:bulk_upload'], permissions: ['sim:read', 'sim:bulk_upload'], disabled: false,
  created_at: '2026-11-01T09:00:00Z', updated_at: '2026-11-02T09:00:00Z', version: 3,
};
const roles: RolesAnswer = {
  items: [
    { role: 'admin', what: '', permissions: ['sim:read', 'sim:bulk_upload', 'user:manage'] },
    { role: 'operator', what: '', permissions: ['sim:read'] },
  ],
  permissions: [
    { code: 'sim:read', what: '', wide: false },
    { code: 'sim:bulk_upload', what: '', wide: false },
    { code: 'user:manage', what: '', wide: true },
    { code: 'new:thing', what: 'Something that the catalogue has not heard of.', wide: false },
  ],
  scopes: [{ code: 'number-recycling:check', what: '', wide: false }],
};
const key: ApiKey = {
  id: 'key_1', name: 'Desk of bank 044', scopes: ['sim:read'], bank_code: '044', per_minute: 0, created_by: 'usr_1',
  created_at: '2026-11-01T09:00:00Z', expires_at: '2027-01-30T22:59:59Z', version: 2,
};
const lists = {
  'GET /roles': roles,
  'GET /operators': { items: [{ code: 'MTN', name: 'MTN Nigeria' }, { code: 'GLO', name: 'Globacom' }], total: 2, skip: 0, limit: 100 },
  'GET /banks': { items: [{ code: '044', name: 'Access Bank' }], total: 1, skip: 0, limit: 100 },
};
const page = <T>(items: T[]) => ({ items, total: items.length, skip: 0, limit: 25 });
const problem = async () => within(await screen.findByRole('alert')).getByText('req_test');

describe('a draft of an account', () => {
  it('leaves out what its role cannot have', () => {
    const draft = { ...userDraft(amina), role: 'auditor' as const };
    expect(userBody(draft)).toMatchObject({ role: 'auditor', operator_code: '', bank_code: '' });
  });

  it('sends only what changed', () => {
    const draft = userDraft(amina);
    expect(userChange(amina, draft)).toBeUndefined();
    expect(userChange(amina, { ...draft, full_name: ' Amina Bello ' })).toBeUndefined();
    expect(userChange(amina, { ...draft, operator_code: 'GLO' })).toEqual({ operator_code: 'GLO' });
    expect(userChange(amina, { ...draft, grants: [] })).toEqual({ grants: [] });
  });
});

describe('a draft of a key', () => {
  it('ends with the last day in Lagos, and writes the number in full', () => {
    const body = keyBody({ ...keyDraft(), name: ' x ', scopes: ['b', 'a'], expires: '2026-12-31', msisdn: '0803 123 4567' });
    expect(body).toMatchObject({ name: 'x', scopes: ['a', 'b'], msisdn: '+2348031234567', expires_at: '2026-12-31T23:59:59+01:00' });
    expect(keyBody(keyDraft())).toMatchObject({ operator_code: undefined, msisdn: undefined, expires_at: undefined });
  });

  it('sends only what changed', () => {
    expect(lagosDay(key.expires_at)).toBe('2027-01-30');
    expect(keyChange(key, keyDraft(key))).toBeUndefined();
    expect(keyChange(key, { ...keyDraft(key), per_minute: '60' })).toEqual({ per_minute: 60 });
    expect(keyChange(key, { ...keyDraft(key), scopes: ['linkage:read', 'sim:read'] })).toEqual({ scopes: ['linkage:read', 'sim:read'] });
  });
});

describe('the list of people', () => {
  it('asks the server for what the address says', async () => {
    const { asked, container } = open(Users, { 'GET /users': page([amina]) }, '/users?q=ami&role=operator&state=active&sort=-last_login&skip=25');
    expect(await screen.findByRole('link', { name: 'Amina Bello' })).toHaveProperty('pathname', '/users/usr_2');
    expect(Object.fromEntries(asked[0]?.query ?? [])).toEqual({ q: 'ami', role: 'operator', state: 'active', sort: '-last_login', skip: '25', limit: '25' });
    await expectAccessible(container);
  });

  it('says what will be here, and what to do when no filter fits', async () => {
    const empty = open(Users, { 'GET /users': page([]) });
    await screen.findByText('Nobody has an account yet');
    empty.unmount();
    const { went } = open(Users, { 'GET /users': page([]) }, '/users?role=bank');
    const clear = await screen.findAllByRole('button', { name: 'Clear the filters' });
    await fireEvent.click(clear.at(-1) as HTMLElement);
    expect(went).toEqual(['']);
  });

  it('shows what it waits for, and what went wrong with the request id', async () => {
    const waiting = open(Users, {});
    expect(screen.getByText('Loading')).toBeTruthy();
    waiting.unmount();
    open(Users, { 'GET /users': refused(500, 'INTERNAL') });
    await problem();
  });
});

describe('a new account', () => {
  it('shows the made-up password once', async () => {
    const { asked, container } = open(NewUser, { ...lists, 'POST /users': { ...amina, password: 'made-up-secret' } });
    await fireEvent.input(screen.getByLabelText('Full name'), { target: { value: 'Amina Bello' } });
    await fireEvent.input(screen.getByLabelText('E-mail'), { target: { value: 'amina@mtn.example.ng' } });
    await screen.findByRole('option', { name: 'MTN Nigeria' });
    await fireEvent.change(screen.getByLabelText('Operator'), { target: { value: 'MTN' } });
    await fireEvent.click(await screen.findByLabelText('Take in inventories and other large files'));
    expect(screen.queryByLabelText(/Manage accounts/), 'a tenant is not offered what reaches beyond its operator').toBeNull();
    expect(screen.getByLabelText('Something that the catalogue has not heard of.')).toBeTruthy();
    await expectAccessible(container);
    await fireEvent.click(screen.getByRole('button', { name: 'Create the account' }));
    expect(await screen.findByDisplayValue('made-up-secret')).toBeTruthy();
    expect(asked.find((a) => a.method === 'POST')?.body).toEqual({
      email: 'amina@mtn.example.ng', full_name: 'Amina Bello', role: 'operator', operator_code: 'MTN', bank_code: '', grants: ['sim:bulk_upload'],
    });
  });

  it('puts the server’s sentence at the field', async () => {
    open(NewUser, { ...lists, 'POST /users': refused(422, 'VALIDATION_FAILED', [{ field: 'email', code: 'FORMAT', message: 'This is no e-mail address.' }]) });
    await fireEvent.input(screen.getByLabelText('Full name'), { target: { value: 'A' } });
    await fireEvent.input(screen.getByLabelText('E-mail'), { target: { value: 'nobody@nowhere' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Create the account' }));
    expect(await screen.findByText('This is no e-mail address.')).toBeTruthy();
    expect(screen.getByLabelText('E-mail').getAttribute('aria-invalid')).toBe('true');
  });
});

describe('an account', () => {
  const at = (answers: object) => open(User, { ...lists, 'GET /users/usr_2': amina, ...answers }, '/users/usr_2', { id: 'usr_2' });

  it('is saved with the version that was seen', async () => {
    const saved = { ...amina, full_name: 'Amina Eze', version: 4 };
    const { asked, container } = at({ 'PATCH /users/usr_2': saved });
    const name = await screen.findByLabelText('Full name');
    const save = screen.getByRole<HTMLButtonElement>('button', { name: 'Save' });
    expect(save.disabled, 'nothing to save').toBe(true);
    await fireEvent.input(name, { target: { value: 'Amina Eze' } });
    expect(save.disabled).toBe(false);
    await expectAccessible(container);
    await fireEvent.click(save);
    await waitFor(() => expect(save.disabled).toBe(true));
    const sent = asked.find((a) => a.method === 'PATCH');
    expect(sent?.body).toEqual({ full_name: 'Amina Eze' });
    expect(sent?.headers.get('If-Match')).toBe('"3"');
  });

  it('tells of a lost update and reads the newest on request', async () => {
    let newest = amina;
    at({ 'GET /users/usr_2': () => newest, 'PATCH /users/usr_2': refused(412, 'CONFLICT') });
    await fireEvent.input(await screen.findByLabelText('Full name'), { target: { value: 'Mine' } });
    newest = { ...amina, full_name: 'Theirs', version: 9 };
    await fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByText('Somebody else changed this meanwhile');
    expect(screen.getByLabelText<HTMLInputElement>('Full name').value, 'what was typed is not thrown away unasked').toBe('Mine');
    await fireEvent.click(screen.getByRole('button', { name: 'Read it again' }));
    await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>('Full name').value).toBe('Theirs'));
  });

  it('is deleted after one question that names the person', async () => {
    const { asked, went } = at({ 'DELETE /users/usr_2': {} });
    await fireEvent.click(await screen.findByRole('button', { name: 'Delete the account' }));
    const dialog = screen.getByRole('dialog', { name: 'Delete the account of Amina Bello?' });
    expect(asked.some((a) => a.method === 'DELETE')).toBe(false);
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Delete the account' }));
    await waitFor(() => expect(went).toEqual(['/users']));
    expect(asked.find((a) => a.method === 'DELETE')?.headers.get('If-Match')).toBe('"3"');
  });

  it('gets a new password, shown once', async () => {
    at({ 'POST /users/usr_2/reset': { id: 'usr_2', password: 'another-secret' } });
    await fireEvent.click(await screen.findByRole('button', { name: 'Make a new password' }));
    const dialog = screen.getByRole('dialog', { name: 'Make a new password for Amina Bello?' });
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Make a new password' }));
    expect(await screen.findByDisplayValue('another-secret')).toBeTruthy();
  });

  it('says why a deed was refused', async () => {
    at({ 'PATCH /users/usr_2': refused(409, 'CONFLICT') });
    await fireEvent.click(await screen.findByRole('button', { name: 'Shut the account' }));
    await fireEvent.click(within(screen.getByRole('dialog', { name: /Shut the account of/ })).getByRole('button', { name: 'Shut the account' }));
    await problem();
  });
});

describe('the keys', () => {
  it('say which is about to end and which has ended', async () => {
    const day = (days: number) => new Date(Date.now() + days * 86_400_000 + 3_600_000).toISOString();
    const { container } = open(Keys, {
      'GET /api-keys': page([{ ...key, expires_at: day(100) }, { ...key, id: 'key_2', name: 'Soon', expires_at: day(5) }, { ...key, id: 'key_3', name: 'Old', expires_at: day(-1) }]),
    });
    expect(await screen.findByText('Ends in 5 days')).toBeTruthy();
    expect(container.querySelectorAll('tbody .chip.bad')).toHaveLength(1);
    await expectAccessible(container);
  });

  it('say what they are for when there is none', async () => {
    open(Keys, { 'GET /api-keys': page([]) });
    expect(await screen.findByText('No programme has a key yet')).toBeTruthy();
  });

  it('show a new one once, with the id that goes with it', async () => {
    const { asked, container } = open(NewKey, { ...lists, 'POST /api-keys': { ...key, key: 'rxk_1_secret' } });
    await fireEvent.input(screen.getByLabelText('Name'), { target: { value: 'Desk of bank 044' } });
    const make = screen.getByRole<HTMLButtonElement>('button', { name: 'Make the key' });
    expect(make.disabled, 'a key that may do nothing').toBe(true);
    await fireEvent.click(await screen.findByLabelText(/See recycled numbers/));
    await fireEvent.click(screen.getByLabelText('Ask whether a number changed hands since a day'));
    await expectAccessible(container);
    await fireEvent.click(make);
    expect(await screen.findByDisplayValue('rxk_1_secret')).toBeTruthy();
    expect(screen.getByText(/client_id is key_1/)).toBeTruthy();
    expect(asked.find((a) => a.method === 'POST')?.body).toMatchObject({ scopes: ['number-recycling:check', 'sim:read'] });
  });

  it('end after one question that names them', async () => {
    const { went } = open(Key, { ...lists, 'GET /api-keys/key_1': key, 'DELETE /api-keys/key_1': {} }, '/api-keys/key_1', { id: 'key_1' });
    await fireEvent.click(await screen.findByRole('button', { name: 'End the key' }));
    await fireEvent.click(within(screen.getByRole('dialog', { name: 'End the key “Desk of bank 044”?' })).getByRole('button', { name: 'End the key' }));
    await waitFor(() => expect(went).toEqual(['/api-keys']));
  });
});

describe('the roles', () => {
  it('are a matrix in sentences, and a list for one role', async () => {
    const { container } = open(Roles, lists, '/roles?role=operator');
    const row = (await screen.findByRole('rowheader', { name: /Take in inventories/ })).closest('tr') as HTMLElement;
    expect(within(row).getAllByRole('cell').map((cell) => cell.textContent?.trim().replace('– ', ''))).toEqual(['yes', 'no']);
    expect(screen.getByText('May do 1 thing')).toBeTruthy();
    expect(screen.getByText('This is your role.')).toBeTruthy();
    await expectAccessible(container);
  });
});
