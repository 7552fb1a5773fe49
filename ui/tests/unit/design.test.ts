import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import Banner from '$/design/Banner.svelte';
import Button from '$/design/Button.svelte';
import Card from '$/design/Card.svelte';
import Checkbox from '$/design/Checkbox.svelte';
import StatusChip from '$/design/StatusChip.svelte';
import CopyButton from '$/design/CopyButton.svelte';
import DataTable from '$/design/DataTable.svelte';
import Dialog from '$/design/Dialog.svelte';
import FileDrop from '$/design/FileDrop.svelte';
import EmptyState from '$/design/EmptyState.svelte';
import KeyValue from '$/design/KeyValue.svelte';
import ErrorState from '$/design/ErrorState.svelte';
import Icon from '$/design/Icon.svelte';
import IconButton from '$/design/IconButton.svelte';
import { icons } from '$/design/icons';
import Loaded from '$/design/Loaded.svelte';
import PageHeader from '$/design/PageHeader.svelte';
import Pager from '$/design/Pager.svelte';
import Progress from '$/design/Progress.svelte';
import RadioCards from '$/design/RadioCards.svelte';
import Select from '$/design/Select.svelte';
import Share from '$/design/Share.svelte';
import Skeleton from '$/design/Skeleton.svelte';
import Snackbar from '$/design/Snackbar.svelte';
import { dismiss, notes, notify } from '$/design/snackbar.svelte';
import Stat from '$/design/Stat.svelte';
import TextField from '$/design/TextField.svelte';
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

describe('TextField', () => {
  it('ties label, hint and error to its input', async () => {
    const { rerender, container } = render(TextField, { label: 'E-mail', hint: 'Yours' });
    const input = screen.getByLabelText('E-mail');
    expect(document.getElementById(input.getAttribute('aria-describedby') ?? '')?.textContent).toBe('Yours');
    await rerender({ error: 'Write an address.' });
    expect(input.getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByRole('alert').textContent).toBe('Write an address.');
    await expectAccessible(container);
  });

  it('shows a password on demand', async () => {
    render(TextField, { label: 'Password', type: 'password' });
    const input = screen.getByLabelText<HTMLInputElement>('Password');
    expect(input.type).toBe('password');
    await fireEvent.click(screen.getByRole('button', { name: 'Show the password' }));
    expect(input.type).toBe('text');
  });
});

describe('Select, Checkbox and RadioCards', () => {
  it('Select tells what was chosen', async () => {
    const onchange = vi.fn();
    const { container } = render(Select, { label: 'State', onchange, options: [{ value: '', label: 'All' }, { value: 'x', label: 'X' }] });
    await fireEvent.change(screen.getByLabelText('State'), { target: { value: 'x' } });
    expect(onchange).toHaveBeenCalledWith('x');
    await expectAccessible(container);
  });

  it('Checkbox tells what it is now', async () => {
    const onchange = vi.fn();
    const { container } = render(Checkbox, { label: 'NIN', checked: false, onchange });
    await fireEvent.click(screen.getByRole('checkbox', { name: 'NIN' }));
    expect(onchange).toHaveBeenCalledWith(true);
    await expectAccessible(container);
  });

  it('RadioCards is a group of radios, and what is not allowed cannot be chosen', async () => {
    const { container } = render(RadioCards, {
      legend: 'Kind',
      value: 'a',
      options: [
        { value: 'a', label: 'A', text: 'first', icon: 'sim' },
        { value: 'b', label: 'B', text: 'second', icon: 'link', disabled: true },
      ],
    });
    expect(screen.getByRole('group', { name: 'Kind' })).toBeTruthy();
    expect(screen.getByRole<HTMLInputElement>('radio', { name: /A/ }).checked).toBe(true);
    expect(screen.getByRole<HTMLInputElement>('radio', { name: /B/ }).disabled).toBe(true);
    await expectAccessible(container);
  });
});

describe('FileDrop', () => {
  const file = new File(['x'], 'x.csv');

  it('takes a file that is dropped, and one that is chosen', async () => {
    const onfile = vi.fn();
    const { container } = render(FileDrop, { label: 'Drop it', onfile });
    await fireEvent.drop(screen.getByRole('group', { name: 'Drop it' }), { dataTransfer: { files: [file] } });
    await fireEvent.change(screen.getByLabelText('Choose a file'), { target: { files: [file] } });
    expect(onfile.mock.calls).toEqual([[file], [file]]);
    await expectAccessible(container);
  });

  it('takes nothing while it is off', async () => {
    const onfile = vi.fn();
    render(FileDrop, { label: 'Drop it', disabled: true, onfile });
    await fireEvent.drop(screen.getByRole('group'), { dataTransfer: { files: [file] } });
    expect(onfile).not.toHaveBeenCalled();
  });
});

describe('DataTable and Pager', () => {
  const columns = [{ key: 'number', label: 'Number', sort: 'msisdn' }, { key: 'state', label: 'State' }];
  const rows = [{ id: '1' }, { id: '2' }];

  it('is a table whose rows lead somewhere', async () => {
    const { container } = render(DataTable<{ id: string }>, { caption: 'SIMs', columns, rows, id: (r) => r.id, href: (r) => `/sims/${r.id}`, cell: words('cell') });
    expect(screen.getByRole('table', { name: 'SIMs' })).toBeTruthy();
    expect(screen.getAllByRole('row')).toHaveLength(3);
    expect(screen.getAllByRole('link')[1]?.getAttribute('href')).toBe('/sims/2');
    await expectAccessible(container);
  });

  it('asks the server to sort, one way and then the other', async () => {
    const onsort = vi.fn();
    const { rerender } = render(DataTable<{ id: string }>, { caption: 'SIMs', columns, rows, id: (r) => r.id, cell: words('cell'), sort: '', onsort });
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
