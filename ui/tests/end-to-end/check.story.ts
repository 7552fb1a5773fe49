// The number check: one number and a file of them; and who asked is written down.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectGoodEverywhere } from './browser';
import { done, onDemo } from './steps';

describe('the number check', () => {
  const demo = onDemo();
  let msisdn = '';

  it('asks for a number, and says what it needs', async () => {
    const { page, visit } = demo;
    await visit('/sims?linkage_status=active', 'Recycled SIMs');
    msisdn = (await page.getByRole('row').nth(1).getByRole('link').innerText()).replaceAll(' ', '');
    await visit('/check', 'Number check');
    await page.getByText('Ask about a number').waitFor();
    await expectGoodEverywhere(page);
    await page.getByLabel('Phone number').fill('12345');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText('Correct the number above and check again.').waitFor();
    await expectGoodEverywhere(page);
  });

  it('answers in one sentence, with what it is based on', async () => {
    const { page } = demo;
    await page.getByLabel('Phone number').fill(msisdn);
    await page.getByLabel('Why you ask').fill('Opening an account');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText('It still carries somebody else’s identity.').waitFor();
    await page.getByText('Who looked it up').waitFor();
    expect(await page.getByText(/(?<!\d)\d{11}(?!\d)/).count()).toBe(0);
    await expectGoodEverywhere(page);
    await page.getByLabel('Phone number').fill('0803 999 0002');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText(/^No data/).first().waitFor();
    demo.window.expectClean([404, 422]);
  });

  it('takes a file, and gives an answer for each line', async () => {
    const { page, visit } = demo;
    const file = join(demo.appliance.folder, 'check.csv');
    await writeFile(file, `msisdn,date\n${msisdn},2015-01-01\n08039990002,2020-01-01\n`);
    await visit('/check?tab=file', 'Number check');
    await expectGoodEverywhere(page);
    await page.getByLabel('Choose a file').setInputFiles(file);
    await done(page);
    await page.getByRole('link', { name: 'Result (CSV)' }).waitFor();
    await expectGoodEverywhere(page);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Result (CSV)' }).click()]);
    expect(download.suggestedFilename()).toMatch(/\.csv$/);
    demo.window.expectClean();
  });
});
