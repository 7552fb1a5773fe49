// What people fill in.
import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import Checkbox from '$/design/Checkbox.svelte';
import FileDrop from '$/design/FileDrop.svelte';
import RadioCards from '$/design/RadioCards.svelte';
import Select from '$/design/Select.svelte';
import TextField from '$/design/TextField.svelte';
import { expectAccessible } from './help';

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
