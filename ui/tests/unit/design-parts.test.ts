// Fields and pieces that pages are put together from.
import { fireEvent, render, screen } from '@testing-library/svelte';
import { createRawSnippet } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import BarList, { type Bar } from '$/design/BarList.svelte';
import CodeBlock from '$/design/CodeBlock.svelte';
import CopyField from '$/design/CopyField.svelte';
import DatePicker from '$/design/DatePicker.svelte';
import Loaded from '$/design/Loaded.svelte';
import ProgressRow from '$/design/ProgressRow.svelte';
import Stepper from '$/design/Stepper.svelte';
import Timeline from '$/design/Timeline.svelte';
import { expectAccessible, words } from './help';

const clipboard = () => {
  const writeText = vi.fn().mockResolvedValue(undefined);
  vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } });
  return writeText;
};
afterEach(() => vi.unstubAllGlobals());

describe('DatePicker', () => {
  const pick = async (value: string) => {
    await fireEvent.input(screen.getByLabelText('From'), { target: { value } });
    await fireEvent.change(screen.getByLabelText('From'));
  };

  it('tells a day within its bounds, and says in words which ones are outside', async () => {
    const onchange = vi.fn();
    const { container } = render(DatePicker, { label: 'From', min: '2026-11-01', max: '2026-11-30', hint: 'In Lagos', onchange });
    const about = () => document.getElementById(screen.getByLabelText('From').getAttribute('aria-describedby') ?? '')?.textContent;
    expect(about()).toBe('In Lagos');
    await pick('2026-11-20');
    await pick('2026-12-01');
    expect(about()).toBe('Choose 30 November 2026 or an earlier day.');
    expect(screen.getByLabelText('From').getAttribute('aria-invalid')).toBe('true');
    await expectAccessible(container);
    await pick('2026-10-31');
    expect(screen.getByRole('alert').textContent).toBe('Choose 1 November 2026 or a later day.');
    expect(onchange.mock.calls).toEqual([['2026-11-20']]);
  });

  it('can be cleared, unless a day is needed', async () => {
    const onchange = vi.fn();
    const { rerender } = render(DatePicker, { label: 'From', value: '2026-11-20', onchange });
    await fireEvent.click(screen.getByRole('button', { name: 'Clear: From' }));
    expect(onchange).toHaveBeenCalledWith('');
    expect(document.activeElement).toBe(screen.getByLabelText('From'));
    await rerender({ value: '2026-11-20', required: true });
    expect(screen.queryByRole('button')).toBeNull();
  });
});

describe('Stepper', () => {
  const steps = ['Administrator', 'Data', 'Look around'].map((label) => ({ id: label, label }));

  it('marks what is done, what is now and what comes, and leads back', async () => {
    const onback = vi.fn();
    const { container } = render(Stepper, { label: 'First steps', steps, at: 1, onback });
    const [first, second] = screen.getAllByRole('listitem');
    expect(first?.textContent).toContain('done');
    expect(second?.getAttribute('aria-current')).toBe('step');
    expect(second?.textContent).toContain('step 2 of 3');
    expect(screen.getAllByRole('button')).toHaveLength(1);
    await fireEvent.click(screen.getByRole('button', { name: /Administrator/ }));
    expect(onback).toHaveBeenCalledWith(0);
    await expectAccessible(container);
  });
});

describe('ProgressRow', () => {
  it('shows what is known and leaves out what is not', async () => {
    const { container, rerender } = render(ProgressRow, { label: 'Import', value: 1, max: 4, facts: ['1 of 4 rows', undefined, 'about 3 s left'], action: words('stop') });
    expect(screen.getByRole<HTMLProgressElement>('progressbar', { name: 'Import' }).position).toBe(0.25);
    expect(screen.getByText('1 of 4 rows · about 3 s left')).toBeTruthy();
    expect(screen.getByText('stop')).toBeTruthy();
    await expectAccessible(container);
    await rerender({ bar: false, facts: [] });
    expect(screen.queryByRole('progressbar')).toBeNull();
  });
});

describe('CodeBlock and CopyField', () => {
  it('CodeBlock copies what it shows', async () => {
    const writeText = clipboard();
    const { container } = render(CodeBlock, { code: 'curl /api\n  -k', title: 'Shell' });
    expect(container.querySelector('code')?.textContent).toBe('curl /api\n  -k');
    await expectAccessible(container);
    await fireEvent.click(screen.getByRole('button', { name: 'Copy the text' }));
    expect(writeText).toHaveBeenCalledWith('curl /api\n  -k');
  });

  it('CopyField hides a secret until it is asked for, and copies it unseen', async () => {
    const writeText = clipboard();
    const { container } = render(CopyField, { label: 'API key', value: 'rx_live_1', secret: true, hint: 'Shown once' });
    const input = screen.getByLabelText<HTMLInputElement>('API key');
    expect(container.innerHTML + input.value).not.toContain('rx_live_1');
    await fireEvent.click(screen.getByRole('button', { name: 'Copy: API key' }));
    expect(writeText).toHaveBeenCalledWith('rx_live_1');
    await fireEvent.click(screen.getByRole('button', { name: 'Show: API key' }));
    expect(input.value).toBe('rx_live_1');
    await expectAccessible(container);
    await fireEvent.click(screen.getByRole('button', { name: 'Hide: API key' }));
    expect(input.value).not.toContain('rx');
  });

  it('CopyField shows what is no secret, read only', () => {
    render(CopyField, { label: 'Address', value: '10.0.0.1' });
    const input = screen.getByLabelText<HTMLInputElement>('Address');
    expect([input.value, input.readOnly]).toEqual(['10.0.0.1', true]);
    expect(screen.queryByRole('button', { name: /Show/ })).toBeNull();
  });
});

describe('BarList', () => {
  it('measures against the longest, and leads on', async () => {
    const bars: Bar[] = [
      { id: 'a', label: 'MTN', value: 12480, href: '#/a' },
      { id: 'b', label: 'Glo', value: 6240, text: 'half as many', tone: 'bad' },
    ];
    const { container } = render(BarList<Bar>, { bars, more: words('more') });
    expect(screen.getByRole('link').textContent).toMatch(/MTN.*12,480.*more/s);
    expect(screen.getAllByRole('listitem')[1]?.textContent).toContain('half as many');
    expect([...container.querySelectorAll('rect:not(.whole)')].map((r) => r.getAttribute('width'))).toEqual(['100%', '50%']);
    await expectAccessible(container);
  });
});

describe('Timeline', () => {
  it('tells its items in order, each with its bead', async () => {
    const title = createRawSnippet((item: () => string) => ({ render: () => `<p>${item()}</p>` }));
    const { container } = render(Timeline<string>, {
      items: ['recycled', 'nobody'],
      bead: (item: string) => (item === 'nobody' ? { kind: 'gap' } : { kind: 'now', icon: 'recycle' }),
      title,
      body: words('more'),
    });
    expect(screen.getAllByRole('listitem').map((li) => li.textContent?.replace(/\s+/g, ' ').trim())).toEqual(['recycled more', 'nobody more']);
    expect(container.querySelectorAll('.now svg, .gap svg')).toHaveLength(1);
    await expectAccessible(container);
  });
});

describe('what may not be seen', () => {
  const trouble = () => ({ happened: 'You are not allowed to do this.', remedy: 'Ask an administrator.', status: 403 });
  const query = { data: ['secret'], error: new Error(), refetch: vi.fn() };

  it('is a face of its own: no old data, nothing to try again', async () => {
    const { container, rerender } = render(Loaded<string[]>, { query, trouble, children: words('there') });
    expect(screen.getByRole('heading').textContent).toBe('You are not allowed to do this.');
    expect(screen.queryByText('there')).toBeNull();
    expect(screen.queryByRole('button')).toBeNull();
    await expectAccessible(container);
    await rerender({ notAllowed: words('ask Ada') });
    expect(screen.getByText('ask Ada')).toBeTruthy();
  });
});
