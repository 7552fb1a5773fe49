// The audit log: filtered, read entry by entry, verified and taken away; and the
// settings and the state of the box, which are read beside it.
import { describe, expect, it } from 'vitest';
import { expectGoodEverywhere } from './browser';
import { heading, onDemo, saved } from './steps';

describe('the audit log and the box', () => {
  const demo = onDemo();

  it('lists every deed, and narrows to what is looked for', async () => {
    const { page, visit } = demo;
    await visit('/audit', 'Audit log');
    await page.getByRole('link', { name: 'Sign-in' }).first().waitFor();
    await expectGoodEverywhere(page);
    await visit('/audit?actor=nobody', 'Audit log');
    await page.getByText('Nothing matches').waitFor();
    await expectGoodEverywhere(page);
  });

  it('proves that nobody touched it', async () => {
    const { page, visit } = demo;
    await visit('/audit', 'Audit log');
    await page.getByRole('button', { name: 'Verify the log' }).click();
    await page.getByText(/The log is whole: all \d+ entries/).waitFor();
    await expectGoodEverywhere(page);
    const log = await saved(page, () => page.getByRole('button', { name: 'Save the whole log' }).click());
    expect(log.text.split('\n').length).toBeGreaterThan(10);
    await page.getByText('How it works, and checkpoints').click();
    const checkpoint = await saved(page, () => page.getByRole('button', { name: 'Save a checkpoint' }).click());
    expect(checkpoint.text).toMatch(/^.+\n\d+\n/);
    demo.window.expectClean();
  });

  it('shows one entry with its proof', async () => {
    const { page, visit } = demo;
    await visit('/audit', 'Audit log');
    await page.getByRole('link', { name: 'Sign-in' }).first().click();
    await heading(page, 'Sign-in').waitFor();
    await page.getByText('Done to (id)').or(page.getByText('From address')).first().waitFor();
    await expectGoodEverywhere(page);
    const proof = await saved(page, () => page.getByRole('button', { name: 'Save the proof' }).click());
    expect(proof.text.length).toBeGreaterThan(100);
    demo.window.expectClean();
  });

  it('shows each setting with its source, and the state of the box', async () => {
    const { page, visit } = demo;
    await visit('/settings', 'Settings');
    await page.getByRole('heading', { level: 3, name: 'http.addr' }).waitFor();
    await expectGoodEverywhere(page);
    await visit('/about', 'About');
    await page.getByText('Version', { exact: true }).first().waitFor();
    await expectGoodEverywhere(page);
    demo.window.expectClean();
  });

  it('says at an address that leads nowhere that it does', async () => {
    const { page, visit } = demo;
    await visit('/nowhere', 'Not found');
    await expectGoodEverywhere(page);
  });
});
