// A file as a small operator really writes it: odd headings, a broken line, and
// far too few numbers. It is put right by hand, and stopped by
// the breaker, which says why.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFeeds } from './appliance';
import { expectGoodEverywhere } from './browser';
import { heading, onDemo } from './steps';

const today = new Date(Date.now() + 3_600_000).toISOString().slice(0, 10);

describe('an import that needs a person', () => {
  const demo = onDemo();
  let file = '';

  it('begins with which days are there and which are missing', async () => {
    const { page, visit } = demo;
    const feeds = await makeFeeds(demo.appliance.folder, ['2026-01-01', '2026-01-02']);
    const [, ...rows] = (await readFile(feeds.first, 'utf8')).trim().split(/\r?\n/);
    file = join(demo.appliance.folder, 'odd.csv');
    const lines = rows.slice(0, 60).map((row) => row.split(',').slice(0, 5).join(';'));
    await writeFile(file, ['Line;Card;Chip;Begin;Person', ...lines, '123;1;1;yesterday;Nobody'].join('\n'));
    await visit('/imports', 'Import');
    await page.getByText('Inventories by day').waitFor();
    await expectGoodEverywhere(page);
  });

  it('shows what was understood of the file, and lets a person say what each column is', async () => {
    const { page } = demo;
    await page.getByLabel('Operator', { exact: true }).first().selectOption('MTN');
    await page.getByLabel('Day', { exact: true }).fill(today);
    await page.getByLabel('Choose a file').setInputFiles(file);
    await page.getByText('What each column is').waitFor();
    await expectGoodEverywhere(page);
    for (const [column, field] of ['MSISDN', 'SIM_SERIAL', 'IMSI', 'ACTIVATION_DATE', 'SUBSCRIBER_NAME'].entries()) {
      await page.getByLabel(`Column ${column + 1} is`).selectOption(field);
    }
    await expect.poll(() => page.getByText(/Not placed yet/).count()).toBe(0);
    await page.getByText(/The first .*rows?, as they are read/).click();
    await expectGoodEverywhere(page);
    demo.window.expectClean();
  });

  it('stops before the comparison, and says what it saw', async () => {
    const { page } = demo;
    await page.getByRole('button', { name: 'Send the file' }).click();
    await page.getByText('What stopped this file').waitFor({ timeout: 60_000 });
    await expectGoodEverywhere(page);
    await page.goto(`${demo.appliance.url}/jobs`);
    await page.getByRole('row', { name: /Paused/ }).getByRole('link').first().click();
    await heading(page, /Inventory of MTN/).waitFor();
    await page.getByText('What stopped this file').waitFor();
    await expectGoodEverywhere(page);
    await page.getByRole('button', { name: 'Stop it' }).click();
    const dialog = page.getByRole('dialog', { name: 'Stop this job?' });
    await expectGoodEverywhere(page);
    await dialog.getByRole('button', { name: 'Stop it' }).click();
    await page.getByText('Stopped', { exact: true }).first().waitFor();
    demo.window.expectClean();
  });
});
