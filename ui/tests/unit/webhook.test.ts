import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Me, Webhook as Hook, WebhookDelivery } from '$/api/types';
import NewWebhook from '$/reconix/webhook/NewWebhook.svelte';
import { eventWords, EVENTS, hookBody, hookChange, hookDraft } from '$/reconix/webhook/queries';
import Webhook from '$/reconix/webhook/Webhook.svelte';
import Webhooks from '$/reconix/webhook/Webhooks.svelte';
import { expectAccessible } from './help';
import { open, refused } from './pages';

vi.mock('$/api/live.svelte', () => ({ webhooksChannel: { listen: () => () => undefined } }));
afterEach(() => vi.unstubAllGlobals());

const bank: Me = { id: 'usr_2', email: 'it@bank.example.ng', full_name: 'Bola Ade', role: 'bank', bank_code: '057', permissions: ['webhook:read', 'webhook:manage'] };
const reader: Me = { ...bank, permissions: ['webhook:read'] };
const hook: Hook = {
  id: 'whs_1', subscriber_name: 'Core banking', callback_url: 'https://hooks.bank.example.ng/in', events: ['delink.approved', 'delink.completed'], state: 'active',
  bank_code: '057', waiting: 3, dead: 0, created_by: 'usr_2', created_at: '2026-11-01T09:00:00Z', updated_at: '2026-11-02T09:00:00Z', version: 4,
};
const delivery: WebhookDelivery = {
  id: 'whd_1', subscription_id: 'whs_1', webhook_id: 'evt_1', type: 'delink.approved', state: 'dead', attempts: 8, status: 503, trouble: 'status',
  next_attempt_at: null, took_ms: 12, created_at: '2026-11-02T09:00:00Z', attempted_at: '2026-11-03T19:00:00Z',
};
const page = <T>(items: T[]) => ({ items, total: items.length, skip: 0, limit: 25 });
const one = (answer: Hook, log: WebhookDelivery[] = []) => ({
  'GET /webhooks/subscriptions/whs_1': answer,
  'GET /webhooks/subscriptions/whs_1/deliveries': page(log),
});

describe('a draft of a receiver', () => {
  it('has words for every event', () => {
    for (const event of EVENTS) expect(eventWords(event), event).not.toBe(event.replace('.', ' '));
  });

  it('sends all events as one star, and only what changed', () => {
    expect(hookBody({ ...hookDraft(), subscriber_name: ' A ', callback_url: ' https://a.ng/ ' })).toEqual({ subscriber_name: 'A', callback_url: 'https://a.ng/', events: ['*'] });
    expect(hookChange(hook, hookDraft(hook))).toBeUndefined();
    expect(hookChange(hook, { ...hookDraft(hook), all: true })).toEqual({ events: ['*'] });
  });
});

describe('the list of receivers', () => {
  it('leads from nothing to the first one', async () => {
    open(Webhooks, { 'GET /webhooks/subscriptions': page([]) }, '/webhooks', {}, bank);
    expect(await screen.findByText('No receiver yet')).toBeTruthy();
    expect((screen.getAllByRole('link', { name: 'Register a receiver' })[0])?.getAttribute('href')).toBe('/webhooks/new');
  });

  it('shows each with its state', async () => {
    open(Webhooks, { 'GET /webhooks/subscriptions': page([hook]) }, '/webhooks', {}, reader);
    expect((await screen.findByRole('link', { name: 'Core banking' })).getAttribute('href')).toBe('/webhooks/whs_1');
    expect(screen.getByText('Active')).toBeTruthy();
    expect(screen.queryByRole('link', { name: 'Register a receiver' })).toBeNull();
    await expectAccessible(document.body);
  });
});

describe('a new receiver', () => {
  it('is registered, and its secret shown once', async () => {
    const { asked } = open(NewWebhook, { 'POST /webhooks/register': { ...hook, secret: 'whsec_abc' } }, '/webhooks/new', {}, bank);
    await fireEvent.input(screen.getByLabelText(/Receiver/), { target: { value: 'Core banking' } });
    await fireEvent.input(screen.getByLabelText(/Address/), { target: { value: 'https://hooks.bank.example.ng/in' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Register' }));
    expect(await screen.findByText('This secret is shown only now')).toBeTruthy();
    expect(screen.getByDisplayValue('whsec_abc')).toBeTruthy();
    expect(JSON.stringify(asked)).toContain('"events":["*"]');
  });

  it('says at the field what is wrong with the address', async () => {
    open(NewWebhook, { 'POST /webhooks/register': refused(422, 'VALIDATION_FAILED', [{ field: 'callback_url', code: 'NOT_ALLOWED', message: 'Not there.' }]) }, '/webhooks/new', {}, bank);
    await fireEvent.input(screen.getByLabelText(/Receiver/), { target: { value: 'A' } });
    await fireEvent.input(screen.getByLabelText(/Address/), { target: { value: 'https://10.0.0.1/' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Register' }));
    expect(await screen.findByText('Not there.')).toBeTruthy();
  });
});

describe('one receiver', () => {
  it('explains a dead letter and sends it again', async () => {
    const sent = vi.fn(() => ({ ...delivery, state: 'waiting' }));
    open(Webhook, { ...one({ ...hook, state: 'paused', reason: 'Eight times.', dead: 1 }, [delivery]), 'POST /webhooks/deliveries/whd_1/redeliver': sent }, '/webhooks/whs_1', { id: 'whs_1' }, bank);
    expect(await screen.findByText('Paused: a message was never taken')).toBeTruthy();
    expect(await screen.findByText('The receiver answered that it failed (503)')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Send again' }));
    await waitFor(() => expect(sent).toHaveBeenCalled());
    await expectAccessible(document.body);
  });

  it('saves against the version that the form was filled from, though a newer one has come meanwhile', async () => {
    let held = hook;
    const { asked, client } = open(
      Webhook,
      { ...one(hook), 'GET /webhooks/subscriptions/whs_1': () => held, 'PATCH /webhooks/subscriptions/whs_1': refused(412, 'PRECONDITION_FAILED') },
      '/webhooks/whs_1',
      { id: 'whs_1' },
      bank,
    );
    const name = await screen.findByLabelText<HTMLInputElement>(/^Receiver/);
    await fireEvent.input(name, { target: { value: 'Mine' } });
    held = { ...hook, subscriber_name: 'Theirs', version: hook.version + 1 };
    await client.invalidateQueries({ queryKey: ['webhook', 'whs_1'] });
    await fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByText('Somebody else changed this meanwhile');
    expect(asked.find((a) => a.method === 'PATCH')?.headers.get('If-Match')).toBe(`"${hook.version}"`);
    expect(name.value).toBe('Mine');
    await fireEvent.click(screen.getByRole('button', { name: 'Read it again' }));
    await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>(/^Receiver/).value).toBe('Theirs'));
  });

  it('tells what came of a test', async () => {
    open(Webhook, { ...one(hook), 'POST /webhooks/subscriptions/whs_1/test': { ...delivery, type: 'webhook.test', status: 0, trouble: 'connect' } }, '/webhooks/whs_1', { id: 'whs_1' }, bank);
    await fireEvent.click(await screen.findByRole('button', { name: 'Send a test' }));
    expect(await screen.findByText('No connection could be made')).toBeTruthy();
  });

  it('shows whoever may only look no deeds', async () => {
    open(Webhook, one(hook, [delivery]), '/webhooks/whs_1', { id: 'whs_1' }, reader);
    expect(await screen.findByText('The receiver answered that it failed (503)')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Send a test' })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Send again' })).toBeNull();
  });
});
