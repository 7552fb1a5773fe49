// A desk without a mouse: from the dashboard to one number and back, by keys alone.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { expectGood } from './browser';
import { heading, onDemo } from './steps';

/** What has the focus, in the words of whoever hears the page. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const { activeElement: at } = document;
    return { tag: at?.tagName ?? '', text: at?.textContent?.trim() ?? '', row: at?.closest('tr')?.rowIndex ?? -1 };
  });

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, wanted: (at: Awaited<ReturnType<typeof focused>>) => boolean): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    if (wanted(await focused(page))) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`80 presses of Tab do not lead there; they end at ${JSON.stringify(await focused(page))}`);
}

describe('by keyboard alone', () => {
  const demo = onDemo();

  it('goes to the content at once, and to a page with two keys', async () => {
    const { page, visit } = demo;
    await visit('/', 'Dashboard');
    await page.keyboard.press('Tab');
    expect((await focused(page)).text).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await focused(page)).toMatchObject({ tag: 'H1', text: 'Dashboard' });
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await heading(page, 'Recycled SIMs').waitFor();
    await expect.poll(async () => (await focused(page)).tag).toBe('H1');
  });

  it('works through the rows: down, choose, choose to here, act, let go', async () => {
    const { page } = demo;
    await page.getByRole('row').nth(5).waitFor();
    await tabTo(page, (at) => at.row === 1);
    await page.keyboard.press('ArrowDown');
    expect((await focused(page)).row).toBe(2);
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Shift+X');
    expect(await page.getByRole('row').getByRole('checkbox', { checked: true }).count()).toBe(3);
    await expectGood(page);
    await tabTo(page, (at) => at.text === 'Change the status');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Change 3 records' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' }).catch(() => undefined);
    await expect.poll(async () => (await focused(page)).text).toBe('Change the status');
  });

  it('opens a row, and comes back to where it was', async () => {
    const { page } = demo;
    await page.reload();
    await page.getByRole('row').nth(5).waitFor();
    await tabTo(page, (at) => at.row === 1 && at.tag === 'A');
    await page.keyboard.press('ArrowDown');
    const number = (await focused(page)).text;
    await page.keyboard.press('Enter');
    await heading(page, number).waitFor();
    await expect.poll(async () => (await focused(page)).tag).toBe('H1');
    // What Alt and the left arrow do is the browser's own.
    await page.goBack();
    await heading(page, 'Recycled SIMs').waitFor();
  });

  it('finds anything in the palette, and leaves it with Escape', async () => {
    const { page } = demo;
    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog');
    await palette.getByRole('combobox').waitFor();
    await expectGood(page);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog[open]').count()).toBe(0);
    await page.keyboard.press('Control+k');
    await palette.getByRole('combobox').waitFor();
    await page.keyboard.type('Audit log');
    await palette.getByRole('option', { name: /^Audit log/, selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await heading(page, 'Audit log').waitFor();
  });

  it('lists its keys under a question mark', async () => {
    const { page } = demo;
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await expectGood(page);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog[open]').count()).toBe(0);
    demo.window.expectClean();
  });

  it('asks about a number and reads the answer', async () => {
    const { page } = demo;
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await heading(page, 'Number check').waitFor();
    await page.keyboard.press('/');
    await expect.poll(async () => (await focused(page)).tag).toBe('INPUT');
    await page.keyboard.type('08039990002');
    await page.keyboard.press('Enter');
    await page.getByText(/^No data/).first().waitFor();
    demo.window.expectClean([404]);
  });
});
