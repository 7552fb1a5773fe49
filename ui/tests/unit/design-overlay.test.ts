// What opens over the page or turns within it: menu, drawer, palette, tabs, tooltip, switch.
import { fireEvent, render, screen } from '@testing-library/svelte';
import { createRawSnippet, tick } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import CommandPalette, { type Command } from '$/design/CommandPalette.svelte';
import Drawer from '$/design/Drawer.svelte';
import { fit } from '$/design/fuzzy';
import Menu, { type MenuItem } from '$/design/Menu.svelte';
import Switch from '$/design/Switch.svelte';
import Tabs from '$/design/Tabs.svelte';
import Tooltip from '$/design/Tooltip.svelte';
import { expectAccessible, words } from './help';

describe('Menu', () => {
  const items = (run = vi.fn()): MenuItem[] => [
    { id: 'edit', label: 'Edit', run },
    { id: 'off', label: 'Export', disabled: true },
    { id: 'open', label: 'Open', href: '#/open', icon: 'link' },
    { id: 'bin', label: 'Éject', danger: true, run },
  ];
  const button = () => screen.getByRole('button', { name: 'More' });
  const press = (key: string) => fireEvent.keyDown(document.activeElement!, { key });
  const focused = () => document.activeElement?.textContent?.trim();

  it('opens a panel of anything, and closes by Escape, which gives the focus back, and by a press elsewhere', async () => {
    render(Menu, { label: 'More', icon: 'columns', children: words('inside') });
    await fireEvent.click(button());
    expect(screen.getByText('inside')).toBeTruthy();
    await fireEvent.keyDown(window, { key: 'Escape' });
    expect(screen.queryByText('inside')).toBeNull();
    expect(document.activeElement).toBe(button());
    await fireEvent.click(button());
    await fireEvent.pointerDown(document.body);
    expect(button().getAttribute('aria-expanded')).toBe('false');
  });

  it('is walked with the arrows, Home and End, past what is off', async () => {
    const { container } = render(Menu, { label: 'More', icon: 'more', bare: true, items: items() });
    button().focus();
    await press('ArrowDown');
    await vi.waitFor(() => expect(focused()).toBe('Edit'));
    for (const [key, at] of [['ArrowDown', 'Open'], ['End', 'Éject'], ['ArrowDown', 'Edit'], ['ArrowUp', 'Éject'], ['Home', 'Edit']]) {
      await press(key!);
      expect(focused()).toBe(at);
    }
    await expectAccessible(container);
  });

  it('goes to what is typed, marks or no marks', async () => {
    render(Menu, { label: 'More', icon: 'more', items: items() });
    await fireEvent.click(button());
    await vi.waitFor(() => expect(focused()).toBe('Edit'));
    for (const letter of ['e', 'j']) await press(letter);
    expect(focused()).toBe('Éject');
    // Opened anew, it has forgotten the letters before.
    await press('Escape');
    await fireEvent.click(button());
    await vi.waitFor(() => expect(focused()).toBe('Edit'));
    await press('o');
    expect(focused()).toBe('Open');
  });

  it('does a deed once, closes and gives the focus back; what is off does nothing', async () => {
    const run = vi.fn();
    render(Menu, { label: 'More', icon: 'more', items: items(run) });
    await fireEvent.click(button());
    await fireEvent.click(screen.getByRole('menuitem', { name: 'Export' }));
    expect(screen.getByRole('menu')).toBeTruthy();
    await press(' ');
    expect(run).toHaveBeenCalledTimes(1);
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(button());
  });

  it('says which choice holds', async () => {
    const { container } = render(Menu, { label: 'More', icon: 'more', items: [{ id: 'a', label: 'A', checked: true }, { id: 'b', label: 'B', checked: false }] });
    await fireEvent.click(button());
    expect(screen.getByRole('menuitemradio', { name: 'A' }).getAttribute('aria-checked')).toBe('true');
    await expectAccessible(container);
  });
});

describe('Drawer', () => {
  it('opens with its title, and can be left', async () => {
    const { container } = render(Drawer, { open: true, title: 'Details', children: words('body'), foot: words('foot') });
    const dialog = screen.getByRole<HTMLDialogElement>('dialog', { name: 'Details' });
    expect(dialog.open).toBe(true);
    await expectAccessible(container);
    await fireEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(dialog.open).toBe(false);
    expect(screen.queryByText('body')).toBeNull();
  });
});

describe('Switch', () => {
  it('is a switch that says what it is now', async () => {
    const onchange = vi.fn();
    const { container } = render(Switch, { label: 'Notify me', hint: 'By the bell', checked: false, onchange });
    const input = screen.getByRole<HTMLInputElement>('switch', { name: 'Notify me' });
    expect(document.getElementById(input.getAttribute('aria-describedby') ?? '')?.textContent).toBe('By the bell');
    await fireEvent.click(input);
    expect(onchange).toHaveBeenCalledWith(true);
    expect(input.checked).toBe(true);
    await expectAccessible(container);
  });

  it('does not move while it is off limits', () => {
    render(Switch, { label: 'Notify me', checked: true, disabled: true });
    expect(screen.getByRole<HTMLInputElement>('switch').disabled).toBe(true);
  });
});

describe('Tabs', () => {
  const tabs = [{ id: 'a', label: 'Story' }, { id: 'b', label: 'Linkages', count: 2 }, { id: 'c', label: 'Audit' }];
  const children = createRawSnippet((value: () => string) => ({ render: () => `<p>face ${value()}</p>` }));

  it('turns with the arrows, round the ends, with one stop for Tab', async () => {
    const onchange = vi.fn();
    const { container } = render(Tabs, { label: 'SIM', tabs, value: 'a', onchange, children });
    const tab = (name: RegExp) => screen.getByRole('tab', { name });
    expect([...screen.getAllByRole('tab')].map((one) => one.tabIndex)).toEqual([0, -1, -1]);
    tab(/Story/).focus();
    await fireEvent.keyDown(tab(/Story/), { key: 'ArrowRight' });
    expect(document.activeElement).toBe(tab(/Linkages/));
    expect(screen.getByRole('tabpanel').getAttribute('aria-labelledby')).toBe(tab(/Linkages/).id);
    await fireEvent.keyDown(tab(/Linkages/), { key: 'End' });
    await fireEvent.keyDown(tab(/Audit/), { key: 'ArrowRight' });
    await fireEvent.click(tab(/Audit/));
    expect(onchange.mock.calls).toEqual([['b'], ['c'], ['a'], ['c']]);
    await expectAccessible(container);
  });
});

describe('Tooltip', () => {
  const control = createRawSnippet((id: () => string) => ({ render: () => `<button aria-describedby="${id()}">Risk</button>` }));

  it('describes its control, shows on focus and pointer, and goes with Escape', async () => {
    const { container } = render(Tooltip, { text: 'From 0 to 1', children: control });
    const tip = screen.getByText('From 0 to 1');
    const isShown = () => tip.classList.contains('shown');
    expect(screen.getByRole('button').getAttribute('aria-describedby')).toBe(tip.id);
    expect(isShown()).toBe(false);
    await fireEvent.focusIn(screen.getByRole('button'));
    expect(isShown()).toBe(true);
    await fireEvent.keyDown(window, { key: 'Escape' });
    expect(isShown()).toBe(false);
    await fireEvent.pointerEnter(container.querySelector('.around')!);
    expect(isShown()).toBe(true);
    await fireEvent.pointerLeave(container.querySelector('.around')!);
    expect(isShown()).toBe(false);
    await expectAccessible(container);
  });
});

describe('CommandPalette', () => {
  const items: Command[] = [
    { id: 'dash', label: 'Dashboard', group: 'Pages', keys: ['g', 'd'] },
    { id: 'sims', label: 'Recycled SIMs', group: 'Pages', words: 'numbers' },
    { id: 'detect', label: 'Run detection', group: 'Deeds', hint: 'now', icon: 'radar' },
  ];
  const field = () => screen.getByRole('combobox');
  const options = () => screen.getAllByRole('option').map((one) => one.querySelector('.words')?.textContent);
  const active = () => document.getElementById(field().getAttribute('aria-activedescendant') ?? '')?.querySelector('.words')?.textContent;
  const type = (value: string) => fireEvent.input(field(), { target: { value } });

  it('lists all in groups, and narrows to what fits, the best first', async () => {
    const { container } = render(CommandPalette, { open: true, items, onchoose: vi.fn() });
    expect(options()).toEqual(['Dashboard', 'Recycled SIMs', 'Run detection']);
    expect(screen.getByRole('group', { name: 'Deeds' })).toBeTruthy();
    await expectAccessible(container);
    await type('r');
    expect(options()).toEqual(['Recycled SIMs', 'Dashboard', 'Run detection']);
    await type('numb');
    expect(options()).toEqual(['Recycled SIMs']);
    expect(screen.getByRole('status').textContent).toBe('1 result');
    await type('zzz');
    expect(screen.getByRole('status').textContent).toBe('Nothing fits “zzz”.');
    expect(field().getAttribute('aria-expanded')).toBe('false');
  });

  it('is walked with the arrows, round the ends, while the focus stays in the field', async () => {
    const onchoose = vi.fn();
    render(CommandPalette, { open: true, items, onchoose });
    expect(active()).toBe('Dashboard');
    await fireEvent.keyDown(field(), { key: 'ArrowUp' });
    expect(active()).toBe('Run detection');
    await fireEvent.keyDown(field(), { key: 'ArrowDown' });
    await fireEvent.keyDown(field(), { key: 'ArrowDown' });
    expect(active()).toBe('Recycled SIMs');
    await fireEvent.keyDown(field(), { key: 'Enter' });
    expect(onchoose).toHaveBeenCalledWith(items[1]);
    expect(screen.queryByRole('combobox')).toBeNull();
  });

  it('takes a press, and begins anew when it opens again', async () => {
    const onchoose = vi.fn();
    const { rerender } = render(CommandPalette, { open: true, items, onchoose });
    await type('detect');
    await fireEvent.click(screen.getByRole('option', { name: /Run detection/ }));
    expect(onchoose).toHaveBeenCalledWith(items[2]);
    await rerender({ open: true });
    expect(options()).toHaveLength(3);
  });

  it('asks for more after a pause, and forgets the answer that nobody waits for', async () => {
    vi.useFakeTimers();
    const signals: AbortSignal[] = [];
    const search = vi.fn((text: string, signal: AbortSignal) => {
      signals.push(signal);
      return Promise.resolve([{ id: text, label: `+234 ${text}`, group: 'Numbers' }]);
    });
    render(CommandPalette, { open: true, items, search, onchoose: vi.fn() });
    await type('08');
    await vi.advanceTimersByTimeAsync(100);
    await type('0803');
    expect(screen.getByRole('status').textContent).toBe('Searching…');
    await vi.advanceTimersByTimeAsync(200);
    await tick();
    expect(search.mock.calls.map(([text]) => text)).toEqual(['0803']);
    expect(options()).toEqual(['+234 0803']);
    await type('0809');
    expect(signals[0]?.aborted).toBe(true);
    vi.useRealTimers();
  });

  it('says when the search does not answer', async () => {
    render(CommandPalette, { open: true, items, search: () => Promise.reject(new Error('offline')), onchoose: vi.fn() });
    await type('0803');
    await vi.waitFor(() => expect(screen.getByRole('status').textContent).toContain('did not answer'));
  });
});

describe('what fits', () => {
  it('needs every word, and reads past hooks, dots and tones', () => {
    expect(fit('Recycled SIMs', 'sim rec')).toBeGreaterThan(fit('Recycled SIMs', 'rsm') ?? 9);
    expect(fit('Recycled SIMs', 'sim zebra')).toBeUndefined();
    expect(fit('Ƙungiyar ɗalibai', 'kungiyar dal')).toBeDefined();
    expect(fit('Ìsopọ̀', 'isopo')).toBeDefined();
    expect(fit('a (b)', '(')).toBeDefined();
  });
});
