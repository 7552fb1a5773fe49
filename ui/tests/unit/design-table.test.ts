// The table: choosing rows, walking them, and marking what changed.
import { fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { tick } from 'svelte';
import DataTable from '$/design/DataTable.svelte';
import Pager from '$/design/Pager.svelte';
import { expectAccessible, words } from './help';

interface Row {
  id: string;
  at: string;
}
const rows: Row[] = ['a', 'b', 'c', 'd'].map((id) => ({ id, at: '1' }));
const columns = [{ key: 'number', label: 'Number' }, { key: 'state', label: 'State' }];
const base = { caption: 'SIMs', columns, rows, id: (r: Row) => r.id, href: (r: Row) => `#/${r.id}`, cell: words('cell') };

const boxes = () => screen.getAllByRole<HTMLInputElement>('checkbox', { name: /^Select cell/ });
const all = () => screen.getByRole<HTMLInputElement>('checkbox', { name: 'Select all on this page' });
const links = () => screen.getAllByRole('link');
const chosen = () => boxes().map((b) => b.checked);

describe('the table and its pager', () => {
  const sortable = [{ key: 'number', label: 'Number', sort: 'msisdn' }, { key: 'state', label: 'State' }];

  it('is a table whose rows lead somewhere', async () => {
    const { container } = render(DataTable<Row>, base);
    expect(screen.getByRole('table', { name: 'SIMs' })).toBeTruthy();
    expect(screen.getAllByRole('row')).toHaveLength(5);
    expect(screen.getAllByRole('link')[1]?.getAttribute('href')).toBe('#/b');
    await expectAccessible(container);
  });

  it('asks the server to sort, one way and then the other', async () => {
    const onsort = vi.fn();
    const { rerender } = render(DataTable<Row>, { ...base, columns: sortable, onsort });
    await fireEvent.click(screen.getByRole('button', { name: 'Number' }));
    expect(onsort).toHaveBeenLastCalledWith('msisdn');
    await rerender({ sort: 'msisdn' });
    expect(screen.getByRole('columnheader', { name: 'Number' }).getAttribute('aria-sort')).toBe('ascending');
    await fireEvent.click(screen.getByRole('button', { name: 'Number' }));
    expect(onsort).toHaveBeenLastCalledWith('-msisdn');
  });

  it('pages to the ends and no further', async () => {
    const onmove = vi.fn();
    const { rerender, container } = render(Pager, { skip: 25, limit: 25, total: 60, onmove });
    expect(screen.getByRole('status').textContent).toBe('26–50 of 60');
    await fireEvent.click(screen.getByRole('button', { name: 'Next page' }));
    expect(onmove).toHaveBeenLastCalledWith(50);
    await fireEvent.click(screen.getByRole('button', { name: 'Previous page' }));
    expect(onmove).toHaveBeenLastCalledWith(0);
    await rerender({ skip: 50 });
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Next page' }).disabled).toBe(true);
    await expectAccessible(container);
  });
});

describe('choosing rows', () => {
  it('is not offered unless it is asked for', () => {
    render(DataTable<Row>, base);
    expect(screen.queryByRole('checkbox')).toBeNull();
  });

  it('takes single rows, says how many, and gives them to what can be done', async () => {
    const { container } = render(DataTable<Row>, { ...base, selected: new Set<string>(), bulk: words('Hand over') });
    expect(screen.queryByText('Hand over')).toBeNull();
    await fireEvent.click(boxes()[1]!);
    expect(chosen()).toEqual([false, true, false, false]);
    expect(screen.getByRole('status').textContent).toBe('1 row selected');
    expect(screen.getByText('Hand over')).toBeTruthy();
    await expectAccessible(container);
    await fireEvent.click(boxes()[1]!);
    expect(chosen()).toEqual([false, false, false, false]);
  });

  it('takes and leaves the page at once, and is neither when only some are chosen', async () => {
    render(DataTable<Row>, { ...base, selected: new Set(['elsewhere', 'a']) });
    expect(all().indeterminate).toBe(true);
    await fireEvent.click(all());
    expect(chosen()).toEqual([true, true, true, true]);
    expect(all().indeterminate).toBe(false);
    expect(screen.getByRole('status').textContent).toBe('5 rows selected');
    await fireEvent.click(all());
    expect(screen.getByRole('status').textContent).toBe('1 row selected');
    await fireEvent.click(screen.getByRole('button', { name: 'Clear the selection' }));
    expect(screen.getByRole('status').textContent).toBe('');
  });

  it('takes a range with Shift, by pointer and by key', async () => {
    render(DataTable<Row>, { ...base, selected: new Set<string>() });
    await fireEvent.click(boxes()[0]!);
    await fireEvent.click(boxes()[2]!, { shiftKey: true });
    expect(chosen()).toEqual([true, true, true, false]);
    links()[3]!.focus();
    await fireEvent.keyDown(links()[3]!, { key: ' ', shiftKey: true });
    expect(chosen()).toEqual([true, true, true, true]);
  });
});

describe('walking rows', () => {
  it('moves with the arrows, j and k, to the ends and no further', async () => {
    render(DataTable<Row>, base);
    links()[0]!.focus();
    const steps: [string, number][] = [['ArrowDown', 1], ['j', 2], ['k', 1], ['End', 3], ['ArrowDown', 3], ['Home', 0], ['ArrowUp', 0]];
    for (const [key, at] of steps) {
      await fireEvent.keyDown(document.activeElement!, { key });
      expect(links().indexOf(document.activeElement as HTMLElement), key).toBe(at);
    }
  });

  it('chooses with x and Space, and opens a row from its box', async () => {
    render(DataTable<Row>, { ...base, selected: new Set<string>() });
    await fireEvent.keyDown(links()[0]!, { key: 'x' });
    await fireEvent.keyDown(links()[1]!, { key: ' ' });
    expect(chosen()).toEqual([true, true, false, false]);
    const opened = vi.fn((e: Event) => e.preventDefault());
    links()[2]!.addEventListener('click', opened);
    await fireEvent.keyDown(boxes()[2]!, { key: 'Enter' });
    expect(opened).toHaveBeenCalledTimes(1);
  });

  it('leaves the keys of the browser alone', async () => {
    render(DataTable<Row>, base);
    links()[0]!.focus();
    expect(await fireEvent.keyDown(links()[0]!, { key: 'j', ctrlKey: true })).toBe(true);
    expect(await fireEvent.keyDown(links()[0]!, { key: 'x' })).toBe(true);
    expect(document.activeElement).toBe(links()[0]);
  });
});

describe('a changed row', () => {
  afterEach(() => vi.useRealTimers());
  const glowing = (root: Element) => [...root.querySelectorAll('tbody tr')].map((r) => r.classList.contains('glow'));

  it('glows once, and a new one does not', async () => {
    vi.useFakeTimers();
    const props = { ...base, version: (r: Row) => r.at };
    const { container, rerender } = render(DataTable<Row>, props);
    await tick();
    expect(glowing(container)).toEqual([false, false, false, false]);
    await rerender({ rows: [{ id: 'new', at: '9' }, { id: 'a', at: '1' }, { id: 'b', at: '2' }] });
    expect(glowing(container)).toEqual([false, false, true]);
    vi.advanceTimersByTime(2_000);
    await tick();
    expect(glowing(container)).toEqual([false, false, false]);
    await rerender({ rows: [{ id: 'b', at: '2' }] });
    expect(glowing(container)).toEqual([false]);
  });
});

it('lays long lists out by the part that is seen', async () => {
  const many = Array.from({ length: 101 }, (_, i) => ({ id: String(i), at: '' }));
  const { container, rerender } = render(DataTable<Row>, { ...base, rows: many });
  expect(container.querySelector('table')?.classList.contains('long')).toBe(true);
  await rerender({ rows });
  expect(container.querySelector('table')?.classList.contains('long')).toBe(false);
});
