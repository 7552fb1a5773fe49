import { fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { jobsChannel, simsChannel, systemChannel } from '$/api/live.svelte';
import { api } from '$/api/rest-client';
import type { Job, JobState, LiveEvent, Me } from '$/api/types';
import { bell } from '$/notifications/bell.svelte';
import BellMenu from '$/notifications/BellMenu.svelte';
import { hrefOf, MOST, withJob, withSims, withSystem, type Entry } from '$/notifications/list';
import { expectAccessible } from './help';

const job = (id: string, state: JobState, more: Partial<Job> = {}): Job => ({
  id, kind: 'inventory.import', title: 'Inventory of MTN, 2347012345678', stage: '', state, result: null, error: null,
  progress: { done: 0, total: 0, unit: 'rows', per_second: 0 }, operator_code: 'MTN', created_by: 'usr_1',
  created_at: '2026-11-20T10:00:00Z', started_at: null, finished_at: null, ...more,
});
const at = (minute: number) => `2026-11-20T10:${String(minute).padStart(2, '0')}:00Z`;
const told = (list: Entry[]) => list.map((entry) => `${entry.what} ${entry.state} ${entry.count}`);

describe('the list', () => {
  it('tells of ends and stops, once each, and of a stop no longer when the work goes on', () => {
    let list = withJob([], job('job_1', 'running'), at(0));
    expect(list).toEqual([]);
    list = withJob(list, job('job_1', 'paused'), at(1));
    expect(withJob(list, job('job_1', 'paused'), at(2))).toBe(list);
    list = withJob(list, job('job_1', 'running'), at(3));
    expect(list).toEqual([]);
    list = withJob(list, job('job_1', 'failed'), at(4));
    list = withJob(list, job('job_2', 'cancelled'), at(5));
    expect(told(list)).toEqual(['inventory.import failed 1']);
    expect(hrefOf(list[0]!)).toBe('/jobs/job_1');
  });

  it('folds successes of one kind that nobody read, and never a failure', () => {
    let list: Entry[] = [];
    for (let i = 0; i < 28; i++) list = withJob(list, job(`job_${i}`, 'succeeded'), at(i % 5));
    expect(told(list)).toEqual(['inventory.import succeeded 28']);
    expect(hrefOf(list[0]!)).toBe('/jobs?state=succeeded');
    expect(withJob(list, job('job_3', 'succeeded'), at(9))).toBe(list);
    list = withJob(withJob(list, job('job_x', 'failed'), at(6)), job('job_y', 'failed'), at(7));
    list = withJob(list, job('job_late', 'succeeded'), at(40));
    expect(told(list)).toEqual(['inventory.import succeeded 1', 'inventory.import failed 1', 'inventory.import failed 1', 'inventory.import succeeded 28']);
    list = withJob(list.map((entry) => ({ ...entry, read: true })), job('job_new', 'succeeded'), at(41));
    expect(told(list)[0]).toBe('inventory.import succeeded 1');
  });

  it('makes one line of all numbers that were found, and keeps fifty lines', () => {
    let list = withSims(withSims([], 'sim.recycled', at(1), 400), 'sim.recycled', at(50), 3);
    expect(told(list)).toEqual(['sim.recycled told 403']);
    expect(hrefOf(list[0]!)).toBe('/sims');
    for (let i = 0; i < 60; i++) list = withSystem(list, `e${i}`, 'disk.low', at(i % 60));
    expect(list).toHaveLength(MOST);
    expect(hrefOf(list[0]!)).toBe('/settings');
  });
});

describe('the bell', () => {
  const me: Me = { id: 'usr_1', email: 'ada@example.ng', full_name: 'Ada', role: 'admin', permissions: ['sim:read', 'metrics:read'] };
  let tell: Record<string, (event: LiveEvent) => void>;
  let answer: Job[];
  let stop: () => void = () => undefined;
  let number = 0;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    localStorage.clear();
    tell = {};
    answer = [];
    for (const [name, channel] of Object.entries({ jobs: jobsChannel, sim_alerts: simsChannel, system: systemChannel })) {
      vi.spyOn(channel, 'listen').mockImplementation((listener) => {
        tell[name] = listener;
        return () => delete tell[name];
      });
    }
    vi.spyOn(api, 'get').mockImplementation(async () => ({ items: answer, total: answer.length, skip: 0, limit: 25 }) as never);
  });
  afterEach(() => {
    stop();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const say = (channel: string, type: string, data: unknown = {}, id = `${String(++number).padStart(6, '0')}-a`) =>
    tell[channel]?.({ id, channel, type, at: new Date().toISOString(), data });
  const settle = () => vi.advanceTimersByTimeAsync(1_000);
  async function start(who = me) {
    stop = bell.start(who);
    await settle();
  }

  it('listens only where somebody may', async () => {
    await start({ ...me, permissions: [] });
    expect(Object.keys(tell)).toEqual(['jobs']);
    stop();
    expect(Object.keys(tell)).toEqual([]);
  });

  it('is not empty on a device that never saw the account, and has nothing new there', async () => {
    answer = [job('job_2', 'running'), job('job_1', 'succeeded', { finished_at: at(3) })];
    await start();
    expect(told(bell.entries)).toEqual(['inventory.import succeeded 1']);
    expect(bell.unread).toBe(0);
  });

  it('counts what ended while nobody looked as new', async () => {
    answer = [job('job_1', 'succeeded', { finished_at: at(3) })];
    await start();
    stop();
    answer = [job('job_2', 'failed', { finished_at: at(9) }), ...answer];
    await start();
    expect(told(bell.entries)).toEqual(['inventory.import failed 1', 'inventory.import succeeded 1']);
    expect(bell.unread).toBe(1);
  });

  it('hears a thousand numbers as one line, and an event twice as once', async () => {
    await start();
    for (let i = 0; i < 1_000; i++) say('sim_alerts', 'sim.recycled', { msisdn: '+2347012345678' });
    say('sim_alerts', 'sim.recycled', {}, `${String(number).padStart(6, '0')}-a`);
    say('jobs', 'job.updated', job('job_1', 'succeeded'));
    say('jobs', 'job.updated', job('job_t', 'succeeded', { kind: 'jobs.tidy', created_by: 'system' }));
    await settle();
    expect(told(bell.entries).sort()).toEqual(['inventory.import succeeded 1', 'sim.recycled told 1000']);
    expect(bell.unread).toBe(2);
  });

  it('keeps nothing personal on the device, and nothing at all after a sign-out', async () => {
    await start();
    say('sim_alerts', 'sim.recycled', { msisdn: '+2347012345678', id: 'sim_1' });
    say('jobs', 'job.updated', job('job_1', 'failed', { error: 'NIN 12345678901 is wrong' }));
    await settle();
    const kept = localStorage.getItem('reconexus.bell.usr_1') ?? '';
    expect(kept).toContain('job_1');
    expect(kept).not.toMatch(/\d{11}|Inventory of|Ada|ada@/);
    bell.clear();
    expect(Object.keys(localStorage)).toEqual([]);
    expect(bell.entries).toEqual([]);
  });

  it('follows what another window of the browser read, and does without storage', async () => {
    await start();
    say('jobs', 'job.updated', job('job_1', 'failed'));
    await settle();
    const newValue = localStorage.getItem('reconexus.bell.usr_1')!.replaceAll('"read":false', '"read":true');
    dispatchEvent(new StorageEvent('storage', { key: 'reconexus.bell.usr_1', newValue }));
    expect(bell.unread).toBe(0);
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new Error('off');
    });
    say('jobs', 'job.updated', job('job_2', 'failed'));
    await settle();
    expect(bell.unread).toBe(1);
  });

  it('says how much is unread, leads on, and takes what was read for read', async () => {
    await start();
    const { container } = render(BellMenu);
    const panel = container.querySelector<HTMLElement>('[popover]')!;
    const open = () => fireEvent(panel, Object.assign(new Event('beforetoggle'), { newState: 'open' }));
    await open();
    expect(panel.textContent).toContain('Nothing has happened yet');
    say('jobs', 'job.updated', job('job_1', 'failed'));
    say('sim_alerts', 'sim.recycled');
    say('sim_alerts', 'sim.recycled');
    await settle();
    expect(screen.getByRole('status').textContent).toBe('2 unread notifications');
    const links = [...panel.querySelectorAll('a')];
    expect(links.map((link) => link.getAttribute('href')).sort()).toEqual(['/jobs/job_1', '/sims']);
    expect(panel.textContent).toContain('2 recycled numbers found');
    vi.useRealTimers();
    await expectAccessible(container);
    panel.hidePopover = vi.fn();
    await fireEvent.click(links[0]!);
    expect(panel.hidePopover).toHaveBeenCalled();
    expect(screen.getByRole('status').textContent).toBe('1 unread notification');
    await fireEvent.click(screen.getByRole('button', { name: 'Mark all as read', hidden: true }));
    expect(screen.getByRole('status').textContent).toBe('');
  });
});
