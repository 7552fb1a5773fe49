import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { QueryClient } from '@tanstack/svelte-query';
import { fireEvent, render, screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import UserMenu from '$/account/UserMenu.svelte';
import { age } from '$/api/age.svelte';
import { jobsChannel } from '$/api/live.svelte';
import { api } from '$/api/rest-client';
import type { Me } from '$/api/types';
import { focusSearch, hearKeys, type Hands } from '$/app/keys';
import Lost from '$/app/Lost.svelte';
import { groupsOf, helpOf, homeOf, lineOf, linesOf, placesOf, productsOf } from '$/app/navigation';
import NavList from '$/app/NavList.svelte';
import NotAllowed from '$/app/NotAllowed.svelte';
import type { Page } from '$/app/page';
import { deedsOf, numberDeeds, numberOf } from '$/app/palette';
import { Router } from '$/app/router.svelte';
import { allows, match, routes } from '$/app/routes';
import { Session } from '$/app/session.svelte';
import Shortcuts from '$/app/Shortcuts.svelte';
import { look, wear } from '$/design/look.svelte';
import { moment, t } from '$/i18n/index.svelte';
import Fresh from './Fresh.svelte';
import { expectAccessible } from './help';

const everything = () => true;
const nothing = () => false;
const only = (...permissions: string[]) => (permission: string) => permissions.includes(permission);
const me: Me = { id: 'usr_1', email: 'ada@example.ng', full_name: 'Ada Obi', role: 'operator', operator_code: 'MTN', permissions: [] };
const pageOf = (can: Page['can'], go = vi.fn()): Page => ({
  params: {}, query: new URLSearchParams(), me, can, go, filter: vi.fn(), refresh: vi.fn(), signOut: vi.fn().mockResolvedValue(undefined),
});

describe('the menu', () => {
  it('lists a page of each product once, and only what somebody may open', () => {
    const paths = linesOf(everything).map((line) => line.path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toEqual(expect.arrayContaining(['/', '/sims', '/imports', '/jobs']));
    expect(linesOf(only('sim:read')).map((line) => line.path)).toContain('/sims');
    expect(linesOf(only('sim:read')).map((line) => line.path)).not.toContain('/');
    for (const line of linesOf(nothing)) expect(match(line.path).route.permission).toBeUndefined();
  });

  it('opens a page to who has one of the permissions that it names', () => {
    const imports = match('/imports').route;
    expect([nothing, only('linkage:write'), only('sim:bulk_upload')].map((can) => allows(imports, can))).toEqual([false, true, true]);
  });

  it('shows no product without a page, and each group once', () => {
    expect(productsOf(everything)).toEqual(['reconix', 'control']);
    expect(productsOf(only('sim:read'))[0]).toBe('reconix');
    expect(productsOf(nothing)).not.toContain('reconix');
    for (const product of productsOf(everything)) {
      const labels = groupsOf(product, everything).map((group) => group.label);
      expect(new Set(labels).size).toBe(labels.length);
    }
  });

  it('knows under which line a page stands, and where somebody begins', () => {
    expect(lineOf('/sims/sim_1')?.path).toBe('/sims');
    expect(lineOf('/sims')?.path).toBe('/sims');
    expect(lineOf('/account')).toBeUndefined();
    expect(lineOf('/nowhere')).toBeUndefined();
    expect(homeOf(everything)).toBe('/');
    expect(homeOf(only('linkage:read'))).toBe('/linkages');
    expect(placesOf(nothing).every((route) => !route.permission)).toBe(true);
  });

  it('gives each letter to one page', () => {
    const keys = linesOf(everything).flatMap((line) => line.key ?? []);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).not.toContain('g');
  });

  it('can be switched between products, and tells what is shown now', async () => {
    const onproduct = vi.fn();
    const { container } = render(NavList, { product: 'reconix', here: '/sims', can: everything, onproduct });
    expect(screen.getByRole('link', { current: 'page' }).getAttribute('href')).toBe('/sims');
    expect(screen.getByRole('button', { name: 'Reconix', pressed: true })).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'SecureNexus Control' }));
    expect(onproduct).toHaveBeenCalledWith('control');
    await expectAccessible(container);
  });

  it('has no switch for who may open pages of one product only', () => {
    const one = productsOf(nothing)[0] ?? 'control';
    render(NavList, { product: one, here: undefined, can: nothing, onproduct: vi.fn() });
    expect(screen.queryByRole('group')).toBeNull();
  });
});

describe('the first page', () => {
  const src = join(import.meta.dirname, '../../src');
  const flat = (tree: object, prefix = ''): string[] =>
    Object.entries(tree).flatMap(([key, value]) => [prefix + key, ...(typeof value === 'object' ? flat(value, `${prefix}${key}.`) : [])]);
  const later = new Set(
    ['admin', 'delink', 'intake', 'reconix']
      .flatMap((area) => flat(JSON.parse(readFileSync(join(src, `i18n/messages/${area}/en.json`), 'utf8'))))
      .map((key) => key.replace(/_(one|other)$/, '')),
  );

  /** A file and all that comes with it, but for pages, which come by themselves. */
  function closure(file: string, seen = new Set<string>()): Set<string> {
    if (seen.has(file)) return seen;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, path = ''] of text.matchAll(/(?:from|await import\()\s*'([$.][^']+)'/g)) {
      const to = path.startsWith('$/') ? join(src, path.slice(2)) : join(file, '..', path);
      const found = [to, `${to}.ts`].find((name) => /\.(svelte|ts)$/.test(name) && existsSync(name));
      if (found) closure(found, seen);
    }
    return seen;
  }

  it('says nothing of the areas that come later', () => {
    const pages = readFileSync(join(src, 'app/routes.ts'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('isFirst: true'))
      .flatMap((line) => /import\('\$\/([^']+)'\)/.exec(line)?.[1] ?? []);
    expect(pages).toContain('reconix/dashboard/Dashboard.svelte');
    const wrong = ['app/App.svelte', ...pages].flatMap((page) =>
      [...closure(join(src, page))].flatMap((file) =>
        [...readFileSync(file, 'utf8').matchAll(/'([A-Za-z]+(?:\.[A-Za-z0-9_]+)+)'/g)].flatMap(([, key = '']) => (later.has(key) ? `${file}: ${key}` : [])),
      ),
    );
    expect(wrong).toEqual([]);
  });
});

describe('help', () => {
  const guide = join(import.meta.dirname, '../../../embed/guide');
  // As the server makes ids of headings.
  const idOf = (heading: string) => heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').trim().replace(/\s/g, '-');
  const chapters = new Map(
    readdirSync(guide)
      .filter((file) => file.endsWith('.md'))
      .map((file) => {
        const headings = [...readFileSync(join(guide, file), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => idOf(heading ?? ''));
        return [file.replace(/^[^-]+-|\.md$/g, ''), new Set(headings)] as const;
      }),
  );

  it('leads from each page to a section that the guide has', () => {
    for (const { path, help } of routes) {
      if (!help) continue;
      const [chapter = '', section] = help.split('#');
      expect([...chapters.keys()], path).toContain(chapter);
      if (section) expect([...(chapters.get(chapter) ?? [])], `${path} → ${help}`).toContain(section);
    }
  });

  it('is there for each line of the menu, and for the pages under it', () => {
    expect(routes.filter((route) => route.menu && !route.help).map((route) => route.path)).toEqual([]);
    expect(helpOf('/imports')).toBe('/guide/importing');
    expect(helpOf('/sims/new')).toMatch(/^\/guide\/answers/);
    expect(helpOf('/nowhere')).toBe('/guide');
  });
});

describe('keys', () => {
  let hands: { [K in keyof Hands]: ReturnType<typeof vi.fn> };
  let stop: () => void;
  const press = (key: string, more: KeyboardEventInit = {}, target: EventTarget = document.body) => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
    target.dispatchEvent(event);
    return event;
  };

  beforeEach(() => {
    hands = { on: vi.fn(() => true), paths: vi.fn(() => ({ s: '/sims', d: '/' })), go: vi.fn(), search: vi.fn(), palette: vi.fn(), shortcuts: vi.fn() };
    stop = hearKeys(hands as unknown as Hands);
  });
  afterEach(() => {
    stop();
    vi.useRealTimers();
    document.body.replaceChildren();
  });

  it('lead to pages, to the search field, to the palette and to their own list', () => {
    press('g');
    expect(press('s').defaultPrevented).toBe(true);
    expect(hands.go).toHaveBeenCalledWith('/sims');
    press('s');
    expect(hands.go).toHaveBeenCalledTimes(1);
    press('/');
    press('?', { shiftKey: true });
    expect(press('K', { metaKey: true }).defaultPrevented).toBe(true);
    for (const name of ['search', 'shortcuts', 'palette'] as const) expect(hands[name], name).toHaveBeenCalledTimes(1);
  });

  it('wait a moment for the second one, and no longer', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    press('g');
    vi.setSystemTime(Date.now() + 2_000);
    press('s');
    press('g');
    press('q');
    press('d');
    expect(hands.go).not.toHaveBeenCalled();
  });

  it('are left to whoever writes, to dialogs, and to the browser', () => {
    const field = document.body.appendChild(document.createElement('input'));
    press('/', {}, field);
    press('?', {}, document.body.appendChild(document.createElement('textarea')));
    press('/', { ctrlKey: true });
    const box = document.body.appendChild(document.createElement('input'));
    box.type = 'checkbox';
    document.body.appendChild(document.createElement('dialog')).open = true;
    press('/', {}, box);
    expect(hands.search).not.toHaveBeenCalled();
    document.querySelector('dialog')?.remove();
    press('/', {}, box);
    expect(hands.search).toHaveBeenCalledTimes(1);
    press('k', { ctrlKey: true }, field);
    expect(hands.palette).toHaveBeenCalledTimes(1);
  });

  it('stay silent when they were switched off, but for Ctrl K', () => {
    hands.on.mockReturnValue(false);
    press('g');
    press('s');
    press('?');
    press('/');
    press('k', { ctrlKey: true });
    expect([hands.go, hands.shortcuts, hands.search].map((hand) => hand.mock.calls.length)).toEqual([0, 0, 0]);
    expect(hands.palette).toHaveBeenCalledTimes(1);
  });

  it('find the search field of the page only', () => {
    document.body.innerHTML = '<input type="search" id="a"><main><input type="search" id="b"></main>';
    expect(focusSearch()).toBe(true);
    expect(document.activeElement?.id).toBe('b');
    document.querySelector('main')?.remove();
    expect(focusSearch()).toBe(false);
  });

  it('are listed, and can be switched off there', async () => {
    const { container } = render(Shortcuts, { open: true, can: everything });
    expect(screen.getByText(t('keys.palette'))).toBeTruthy();
    await expectAccessible(container);
    await fireEvent.click(screen.getByRole('switch'));
    expect(look.shortcuts).toBe(false);
    expect(JSON.parse(localStorage.getItem('reconexus.look') ?? '{}')).toMatchObject({ shortcuts: false });
    await wear({ shortcuts: true });
  });
});

describe('the palette', () => {
  it('offers the pages, the work and the ways out that somebody has', () => {
    const ids = (can: Page['can']) => deedsOf(pageOf(can), '/', vi.fn()).map((deed) => deed.id);
    expect(ids(everything)).toEqual(expect.arrayContaining(['page./', 'page./sims', 'import', 'detect', 'theme', 'language.ha', 'help', 'shortcuts', 'signOut']));
    expect(ids(nothing)).not.toEqual(expect.arrayContaining(['page./sims']));
    expect(ids(nothing)).not.toEqual(expect.arrayContaining(['import']));
    expect(ids(nothing)).toContain('signOut');
  });

  it('does what a line says', async () => {
    const page = pageOf(everything);
    const onshortcuts = vi.fn();
    const run = (id: string) => deedsOf(page, '/imports', onshortcuts).find((deed) => deed.id === id)?.run();
    run('page./sims');
    expect(page.go).toHaveBeenLastCalledWith('/sims');
    vi.spyOn(api, 'post').mockResolvedValue({ job_id: 'job_9' } as never);
    run('detect');
    await vi.waitFor(() => expect(page.go).toHaveBeenLastCalledWith('/jobs/job_9'));
    const open = vi.spyOn(globalThis, 'open').mockReturnValue(null);
    run('help');
    expect(open).toHaveBeenCalledWith('/guide/importing', '_blank', 'noopener');
    run('shortcuts');
    expect(onshortcuts).toHaveBeenCalled();
    run('signOut');
    expect(page.signOut).toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it('knows a telephone number however it is written', () => {
    expect(numberOf('0803 123 4567')).toBe('2348031234567');
    expect(numberOf('+234 (803) 123-4567')).toBe('2348031234567');
    expect(numberOf('8031')).toBe('8031');
    for (const other of ['', 'sims', '12', '0803x', '1234567890123456']) expect(numberOf(other), other).toBeUndefined();
  });

  it('leads from a number to what is known of it', () => {
    const page = pageOf(everything);
    const deeds = numberDeeds('0803 123 4567', page);
    expect(deeds.map((deed) => deed.id)).toContain('number.find');
    deeds.find((deed) => deed.id === 'number.find')?.run();
    expect(page.go).toHaveBeenCalledWith('/sims?q=2348031234567');
    expect(numberDeeds('0803 123 4567', pageOf(nothing))).toEqual([]);
    expect(numberDeeds('import', page)).toEqual([]);
  });
});

describe('the user menu', () => {
  it('tells who is signed in, and changes language and theme at once', async () => {
    const onshortcuts = vi.fn();
    const onsignout = vi.fn();
    const { container } = render(UserMenu, { me, help: '/guide/answers#risk', onshortcuts, onsignout });
    const panel = container.querySelector<HTMLElement>('[popover]')!;
    panel.hidePopover = vi.fn();
    await fireEvent(panel, Object.assign(new Event('beforetoggle'), { newState: 'open' }));
    expect(container.querySelector<HTMLElement>('.initials')?.dataset.letters).toBe('AO');
    expect(panel.textContent).toMatch(/Ada Obi.*ada@example\.ng.*Operator · MTN/s);
    const inside = within(panel);
    expect(inside.getByRole('link', { name: /Help/, hidden: true }).getAttribute('href')).toBe('/guide/answers#risk');
    await expectAccessible(container);

    await fireEvent.click(inside.getByRole('radio', { name: 'Dark', hidden: true }));
    expect(document.documentElement.dataset.theme).toBe('dark');
    await fireEvent.click(inside.getByRole('switch', { hidden: true }));
    expect(document.documentElement.dataset.contrast).toBe('high');
    await fireEvent.change(inside.getByRole('combobox', { hidden: true }), { target: { value: 'ha' } });
    await vi.waitFor(() => expect(document.documentElement.lang).toBe('ha'));
    await wear({ language: 'en', theme: 'system', contrast: 'system' });

    await fireEvent.click(inside.getByRole('button', { name: /shortcuts/, hidden: true }));
    await fireEvent.click(inside.getByRole('button', { name: 'Sign out', hidden: true }));
    expect([onshortcuts.mock.calls.length, onsignout.mock.calls.length]).toEqual([1, 1]);
    expect(panel.hidePopover).toHaveBeenCalledTimes(2);
  });
});

describe('pages that are not there', () => {
  it('say what is missing, and lead on', async () => {
    const page = pageOf(only('linkage:read'));
    const { container } = render(NotAllowed, { page, permission: 'audit:read' });
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Not allowed');
    expect(document.title).toBe('Not allowed · Reconexus');
    expect(screen.getByText(/audit:read/)).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Go to: Linkages' }).getAttribute('href')).toBe('/linkages');
    await fireEvent.click(screen.getByRole('button', { name: 'Sign in as someone else' }));
    expect(page.signOut).toHaveBeenCalled();
    await expectAccessible(container);
  });

  it('lead back from an address that nobody knows', () => {
    const back = vi.spyOn(history, 'back').mockImplementation(() => undefined);
    render(Lost, { page: pageOf(everything) });
    expect(screen.getByRole('link', { name: 'Go to: Dashboard' }).getAttribute('href')).toBe('/');
    screen.getByRole('button', { name: 'Go back' }).click();
    expect(back).toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});

describe('the age of data', () => {
  const NOW = new Date('2026-11-20T14:05:00Z');
  let client: QueryClient;

  beforeEach(() => {
    vi.useFakeTimers({ now: NOW, toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
    client = new QueryClient();
    age.note(NOW, false);
    jobsChannel.connection = 'open';
  });
  afterEach(() => {
    vi.useRealTimers();
    jobsChannel.connection = 'idle';
    client.clear();
  });
  const pass = async (milliseconds: number) => {
    await vi.advanceTimersByTimeAsync(milliseconds);
    await tick();
  };

  it('is told from a minute on, and a press asks anew', async () => {
    const ask = vi.fn().mockResolvedValue(1);
    render(Fresh, { client, ask });
    await pass(10);
    expect(screen.getByText('Live')).toBeTruthy();
    expect(screen.queryByRole('button')).toBeNull();
    await pass(80_000);
    expect(screen.getByRole('button').textContent).toMatch(/as of\s+15:05/);
    await fireEvent.click(screen.getByRole('button'));
    await pass(15_000);
    expect(ask).toHaveBeenCalledTimes(2);
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('is told at once when it was kept on the device, and no more when the server answers again', async () => {
    render(Fresh, { client, ask: async () => 1 });
    age.note(new Date('2026-11-19T08:00:00Z'), true);
    age.note(new Date('2026-11-20T13:00:00Z'), true);
    await pass(10);
    expect(screen.getByRole('button').textContent).toMatch(/Offline.*19 November 2026, 09:00/s);
    expect(screen.getByRole('status').textContent).toContain('cannot be reached');
    age.note(NOW, false);
    await pass(10);
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('tells of a break that lasts, and of none that does not', async () => {
    render(Fresh, { client, ask: async () => 1 });
    jobsChannel.connection = 'waiting';
    await pass(2_000);
    expect(screen.queryByText('Reconnecting')).toBeNull();
    await pass(2_000);
    expect(screen.getByText('Reconnecting')).toBeTruthy();
    jobsChannel.connection = 'open';
    await pass(10);
    expect(screen.queryByText('Reconnecting')).toBeNull();
  });

  it('is a time today and a date before', () => {
    expect(moment(new Date('2026-11-20T13:59:00Z'), NOW)).toBe('14:59');
    expect(moment(new Date('2026-11-18T13:59:00Z'), NOW)).toBe('18 November 2026, 14:59');
  });
});

describe('the router', () => {
  let router: Router;
  let stop: () => void;
  let top = 0;

  beforeEach(() => {
    vi.stubGlobal('scrollTo', (_: number, y: number) => {
      top = y;
      dispatchEvent(new Event('scroll'));
    });
    Object.defineProperty(globalThis, 'scrollY', { get: () => top, configurable: true });
    history.replaceState(null, '', '/sims');
    router = new Router();
    stop = router.start();
  });
  afterEach(() => {
    stop();
    vi.unstubAllGlobals();
    sessionStorage.clear();
  });
  async function back() {
    const arrived = new Promise((done) => addEventListener('popstate', done, { once: true }));
    history.back();
    await arrived;
  }

  it('finds a page scrolled as it was left, once its rows are there', async () => {
    scrollTo(0, 700);
    router.go('/sims/sim_1');
    expect(top).toBe(0);
    scrollTo(0, 40);
    await back();
    expect(router.url.pathname).toBe('/sims');
    // The old page shrinks before the new one is there: that is no place to remember.
    scrollTo(0, 10);
    await router.settle();
    await vi.waitFor(() => expect(top).toBe(700));
  });

  it('leaves the page to a hand that scrolls first', async () => {
    scrollTo(0, 700);
    router.go('/sims/sim_1');
    await back();
    Object.defineProperty(globalThis, 'scrollY', { get: () => 0, configurable: true });
    await router.settle();
    dispatchEvent(new Event('wheel'));
    top = 5;
    await new Promise((done) => setTimeout(done, 60));
    expect(top).toBe(5);
  });

  it('keeps the places over a reload', async () => {
    scrollTo(0, 300);
    dispatchEvent(new Event('pagehide'));
    stop();
    top = 0;
    router = new Router();
    stop = router.start();
    await router.settle();
    expect(top).toBe(300);
  });

  it('begins a page that was opened anew at its top', async () => {
    scrollTo(0, 300);
    dispatchEvent(new Event('pagehide'));
    stop();
    history.pushState(null, '', '/sims');
    top = 0;
    router = new Router();
    stop = router.start();
    await router.settle();
    expect(top).toBe(0);
  });

  it('stays where it is when only the filter changes', () => {
    scrollTo(0, 300);
    router.go('?q=803');
    expect(top).toBe(300);
    expect(router.url.search).toBe('?q=803');
  });
});

describe('a session', () => {
  it('ends in all windows of the browser at once', async () => {
    const posts: { name: string; hear?: () => void }[] = [];
    vi.stubGlobal('BroadcastChannel', class {
      readonly post: { name: string; hear?: () => void };
      constructor(name: string) {
        posts.push((this.post = { name }));
      }
      addEventListener(_: string, hear: () => void) {
        this.post.hear = hear;
      }
      postMessage() {
        for (const other of posts) if (other !== this.post) other.hear?.();
      }
    });
    vi.spyOn(api, 'me').mockResolvedValue(me);
    vi.spyOn(api, 'post').mockRejectedValue(new TypeError('Failed to fetch'));
    const [here, there] = [new Session(), new Session()];
    await Promise.all([here.ask(), there.ask()]);
    expect([here.state, there.state]).toEqual(['in', 'in']);
    await here.signOut().catch(() => undefined);
    expect([here.state, there.state, there.me]).toEqual(['out', 'out', undefined]);
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
});
