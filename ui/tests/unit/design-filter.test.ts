// The filter bar: what is typed and chosen becomes a change of the address.
import { fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import FilterBar, { type FilterField } from '$/design/FilterBar.svelte';
import { expectAccessible } from './help';

const fields: FilterField[] = [
  { name: 'operator', label: 'Operator', kind: 'select', options: [{ value: 'M', label: 'MTN' }] },
  { name: 'from', label: 'From', kind: 'date', max: '2026-12-31' },
  { name: 'actor', label: 'Actor', kind: 'text' },
];
const search = { name: 'q', label: 'Search' };
const bar = (query = '', onchange = vi.fn()) =>
  ({ onchange, ...render(FilterBar, { query: new URLSearchParams(query), fields, search, onchange }) });

describe('FilterBar', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('waits for a pause in the typing, or for Enter', async () => {
    const { onchange } = bar();
    await fireEvent.input(screen.getByLabelText('Search'), { target: { value: ' 080' } });
    vi.advanceTimersByTime(300);
    expect(onchange).not.toHaveBeenCalled();
    await fireEvent.input(screen.getByLabelText('Search'), { target: { value: ' 0803 ' } });
    vi.advanceTimersByTime(350);
    expect(onchange.mock.calls).toEqual([[{ q: '0803' }]]);
    await fireEvent.input(screen.getByLabelText('Search'), { target: { value: '0809' } });
    await fireEvent.submit(screen.getByRole('search'));
    vi.advanceTimersByTime(1_000);
    expect(onchange.mock.calls.slice(1)).toEqual([[{ q: '0809' }]]);
  });

  it('passes choices, days and words on', async () => {
    const { onchange } = bar();
    await fireEvent.change(screen.getByLabelText('Operator'), { target: { value: 'M' } });
    for (const [name, value] of [['From', '2026-11-01'], ['Actor', ' ada ']] as const) {
      await fireEvent.input(screen.getByLabelText(name), { target: { value } });
      await fireEvent.change(screen.getByLabelText(name));
    }
    expect(onchange.mock.calls).toEqual([[{ operator: 'M' }], [{ from: '2026-11-01' }], [{ actor: 'ada' }]]);
    expect(screen.getByLabelText('From').getAttribute('max')).toBe('2026-12-31');
  });

  it('shows what is set as chips in words, each of which takes it away', async () => {
    vi.useRealTimers();
    const { onchange, container, rerender } = bar('operator=M&from=2026-11-01');
    expect(screen.getByText('Operator: MTN')).toBeTruthy();
    expect(screen.getByText('From: 1 November 2026')).toBeTruthy();
    await expectAccessible(container);
    const chip = screen.getByRole('button', { name: 'Remove the filter Operator: MTN' });
    chip.focus();
    onchange.mockImplementation(() => void rerender({ query: new URLSearchParams('from=2026-11-01') }));
    await fireEvent.click(chip);
    expect(onchange).toHaveBeenCalledWith({ operator: '' });
    await vi.waitFor(() => expect(document.activeElement?.textContent).toContain('From: 1 November 2026'));
  });

  it('clears everything at once, the words too', async () => {
    const { onchange } = bar('q=0803&operator=M');
    expect(screen.getByLabelText<HTMLInputElement>('Search').value).toBe('0803');
    await fireEvent.click(screen.getByRole('button', { name: 'Clear the filters' }));
    expect(onchange).toHaveBeenCalledWith({ operator: '', from: '', actor: '', q: '' });
    expect(screen.getByLabelText<HTMLInputElement>('Search').value).toBe('');
  });

  it('follows the Back button, and has no chips while nothing is set', async () => {
    const { rerender } = bar('q=0803');
    await rerender({ query: new URLSearchParams() });
    expect(screen.getByLabelText<HTMLInputElement>('Search').value).toBe('');
    expect(screen.queryByRole('list', { name: 'Filters in use' })).toBeNull();
  });

  it('says how many are set on the button that opens it on a phone', async () => {
    bar('operator=M&actor=ada');
    const toggle = screen.getByRole('button', { name: 'Filters (2)' });
    expect(toggle.getAttribute('aria-expanded')).toBe('false');
    await fireEvent.click(toggle);
    expect(toggle.getAttribute('aria-expanded')).toBe('true');
    expect(document.getElementById(toggle.getAttribute('aria-controls') ?? '')?.classList.contains('open')).toBe(true);
  });

  it('has an order that is no filter', async () => {
    const onchange = vi.fn();
    render(FilterBar, { query: new URLSearchParams('sort=a'), fields: [], order: { name: 'sort', label: 'Order', options: [{ value: '', label: 'Newest' }, { value: 'a', label: 'A to Z' }] }, onchange });
    expect(screen.getByLabelText<HTMLSelectElement>('Order').value).toBe('a');
    expect(screen.queryByRole('list')).toBeNull();
    await fireEvent.change(screen.getByLabelText('Order'), { target: { value: '' } });
    expect(onchange).toHaveBeenCalledWith({ sort: '' });
  });
});
