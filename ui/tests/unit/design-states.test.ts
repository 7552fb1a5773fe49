// The faces of a page: loading, empty, failed, asking, and its quiet parts.
import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import Banner from '$/design/Banner.svelte';
import Card from '$/design/Card.svelte';
import StatusChip from '$/design/StatusChip.svelte';
import Dialog from '$/design/Dialog.svelte';
import EmptyState from '$/design/EmptyState.svelte';
import KeyValue from '$/design/KeyValue.svelte';
import ErrorState from '$/design/ErrorState.svelte';
import Loaded from '$/design/Loaded.svelte';
import PageHeader from '$/design/PageHeader.svelte';
import Progress from '$/design/Progress.svelte';
import Share from '$/design/Share.svelte';
import Skeleton from '$/design/Skeleton.svelte';
import Stat from '$/design/Stat.svelte';
import { expectAccessible, words } from './help';

describe('Loaded', () => {
  const trouble = () => ({ happened: 'It broke.', remedy: 'Try again.', requestId: 'req_1', status: 500 });
  const query = (data: unknown, error: unknown = null) => ({ data, error, refetch: vi.fn() });

  it('loads, then shows', async () => {
    const { rerender, container } = render(Loaded<unknown>, { query: query(undefined), trouble, children: words('there') });
    expect(screen.getByRole('status').textContent).toContain('Loading');
    await rerender({ query: query([1]) });
    expect(screen.getByText('there')).toBeTruthy();
    expect(container.querySelector('[role=status]')).toBeNull();
  });

  it('shows what is empty in its own words', () => {
    render(Loaded<unknown[]>, { query: query([]) as never, trouble, isEmpty: (d) => d.length === 0, empty: words('nothing yet'), children: words('there') });
    expect(screen.getByText('nothing yet')).toBeTruthy();
  });

  it('keeps old data beside an error, and offers to try again', async () => {
    const broken = query(['old'], new Error());
    render(Loaded<unknown>, { query: broken, trouble, children: words('there') });
    expect(screen.getByText('there')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(broken.refetch).toHaveBeenCalled();
  });
});

describe('ErrorState', () => {
  it('says what, what to do, and which request', async () => {
    const { container } = render(ErrorState, { trouble: { happened: 'It broke.', remedy: 'Wait.', requestId: 'req_7', status: 500 } });
    expect(screen.getByRole('alert').textContent).toMatch(/It broke\..*Wait\..*req_7/s);
    expect(screen.getByRole('button', { name: 'Copy the request id' })).toBeTruthy();
    await expectAccessible(container);
  });

  it('does not offer to repeat what is refused', () => {
    render(ErrorState, { trouble: { happened: 'No.', remedy: '', status: 403 }, retry: () => undefined });
    expect(screen.queryByRole('button')).toBeNull();
  });
});

describe('Dialog', () => {
  it('asks once, and can be left', async () => {
    const onconfirm = vi.fn();
    const { container } = render(Dialog, { open: true, title: 'Stop it?', confirm: 'Stop', onconfirm, children: words('It stops.') });
    const dialog = screen.getByRole<HTMLDialogElement>('dialog', { name: 'Stop it?' });
    expect(dialog.open).toBe(true);
    await fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(onconfirm).toHaveBeenCalledTimes(1);
    await expectAccessible(container);
    await fireEvent.click(screen.getByRole('button', { name: 'Keep as it is' }));
    expect(dialog.open).toBe(false);
  });
});

describe('the quiet ones', () => {
  it('PageHeader names the page and can take the focus', async () => {
    const { container } = render(PageHeader, { title: 'Jobs', lead: 'All of them', back: { href: '/', label: 'Home' } });
    expect(screen.getByRole('heading', { level: 1, name: 'Jobs' }).tabIndex).toBe(-1);
    expect(document.title).toBe('Jobs · Reconexus');
    await expectAccessible(container);
  });

  it('Stat writes its number with separators and leads on', async () => {
    const { container } = render(Stat, { label: 'Recycled', value: 12480, href: '/sims' });
    expect(screen.getByRole('link').textContent).toContain('12,480');
    await expectAccessible(container);
  });

  it('Progress has a name, a value, and none while nobody knows', async () => {
    const { rerender, container } = render(Progress, { label: 'Import', value: 5, max: 10 });
    expect(screen.getByRole<HTMLProgressElement>('progressbar', { name: 'Import' }).position).toBe(0.5);
    await rerender({ value: undefined });
    expect(screen.getByRole('progressbar').hasAttribute('value')).toBe(false);
    await expectAccessible(container);
  });

  it('Card, Banner, StatusChip, EmptyState, KeyValue, Share and Skeleton are sound', async () => {
    for (const { container } of [
      render(Card, { title: 'One', children: words('body') }),
      render(Banner, { tone: 'warn', title: 'Look', text: 'here' }),
      render(StatusChip, { label: 'Done', tone: 'good', icon: 'check' }),
      render(EmptyState, { title: 'Nothing', text: 'yet', children: words('fill') }),
      render(KeyValue, { facts: [{ name: 'A', value: '1' }] }),
      render(Share, { value: 1, of: 3, tone: 'bad' }),
      render(Skeleton, { lines: 2 }),
    ]) {
      await expectAccessible(container);
    }
    expect(screen.getByRole('region', { name: 'One' })).toBeTruthy();
  });
});
