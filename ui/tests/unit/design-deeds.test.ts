// What people press, and the notes that answer.
import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import Button from '$/design/Button.svelte';
import CopyButton from '$/design/CopyButton.svelte';
import Icon from '$/design/Icon.svelte';
import IconButton from '$/design/IconButton.svelte';
import { icons } from '$/design/icons';
import Snackbar from '$/design/Snackbar.svelte';
import { dismiss, notes, notify } from '$/design/snackbar.svelte';
import { expectAccessible, words } from './help';

describe('Button', () => {
  it('does its deed, and not twice while it works', async () => {
    const onclick = vi.fn();
    const { rerender, container } = render(Button, { onclick, children: words('Send') });
    await fireEvent.click(screen.getByRole('button', { name: 'Send' }));
    await rerender({ busy: true });
    const busy = screen.getByRole<HTMLButtonElement>('button');
    expect(busy.disabled).toBe(true);
    expect(busy.getAttribute('aria-busy')).toBe('true');
    expect(onclick).toHaveBeenCalledTimes(1);
    await expectAccessible(container);
  });

  it('is a link when it leads somewhere', () => {
    render(Button, { href: '/jobs', children: words('Jobs') });
    expect(screen.getByRole('link', { name: 'Jobs' }).getAttribute('href')).toBe('/jobs');
  });
});

describe('IconButton and Icon', () => {
  it('speak their name, and the picture says nothing', async () => {
    const { container } = render(IconButton, { icon: 'close', name: 'Close', pressed: false });
    expect(screen.getByRole('button', { name: 'Close' }).getAttribute('aria-pressed')).toBe('false');
    expect(container.querySelector('svg')?.getAttribute('aria-hidden')).toBe('true');
    await expectAccessible(container);
  });

  it('have a path for every name', () => {
    for (const [name, path] of Object.entries(icons)) expect(path, name).toMatch(/^[Mm][\d.-]/);
    expect(render(Icon, { name: 'check' }).container.querySelector('path')).not.toBeNull();
  });
});

describe('CopyButton', () => {
  it('copies and says so', async () => {
    const writeText = vi.fn().mockResolvedValue(undefined);
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } });
    render(CopyButton, { text: 'req_1', name: 'Copy it' });
    await fireEvent.click(screen.getByRole('button', { name: 'Copy it' }));
    await vi.waitFor(() => expect(screen.getByRole('status').textContent).toBe('Copied'));
    expect(writeText).toHaveBeenCalledWith('req_1');
    vi.unstubAllGlobals();
  });
});

describe('Snackbar', () => {
  it('shows three notes at most; one with a deed stays until it is closed', async () => {
    vi.useFakeTimers();
    const { container } = render(Snackbar);
    for (const text of ['one', 'two', 'three', 'four']) notify(text);
    notify('done', { action: { label: 'Open', href: '/jobs/1' } });
    await tick();
    expect(notes.map((n) => n.text)).toEqual(['three', 'four', 'done']);
    expect(screen.getByRole('status').textContent).toContain('done');
    vi.advanceTimersByTime(10_000);
    await tick();
    expect(notes.map((n) => n.text)).toEqual(['done']);
    vi.useRealTimers();
    await expectAccessible(container);
    await fireEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(notes).toEqual([]);
    dismiss(0);
  });
});

describe('Snackbar’s deed', () => {
  it('is done here, once, and closes the note', async () => {
    const run = vi.fn();
    render(Snackbar);
    notify('Removed', { action: { label: 'Undo', run } });
    await fireEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    expect(run).toHaveBeenCalledTimes(1);
    expect(notes).toEqual([]);
  });
});
