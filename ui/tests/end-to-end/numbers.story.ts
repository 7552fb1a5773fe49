// Recycled numbers: listed, filtered, chosen in bulk, read one by one, revealed
// with a reason, reported, changed and deleted.
import { describe, expect, it } from 'vitest';
import { expectGoodEverywhere } from './browser';
import { heading, onDemo, saved } from './steps';

describe('recycled numbers', () => {
  const demo = onDemo();

  it('are listed, and the filters live in the address', async () => {
    const { page, visit } = demo;
    await visit('/sims?operator_code=MTN', 'Recycled SIMs');
    await page.getByRole('row').nth(2).waitFor();
    await expectGoodEverywhere(page);
    await visit('/sims?q=99999999', 'Recycled SIMs');
    await page.getByText('Nothing matches').waitFor();
    await expectGoodEverywhere(page);
    demo.window.expectClean();
  });

  it('are changed many at once, after one question that counts them', async () => {
    const { page, visit } = demo;
    await visit('/sims', 'Recycled SIMs');
    await page.getByRole('row').nth(3).waitFor();
    await page.getByRole('row').nth(1).getByRole('checkbox').check();
    await page.getByRole('row').nth(2).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Change the status' }).waitFor();
    await expectGoodEverywhere(page);
    await page.getByRole('button', { name: 'Change the status' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change 2 records' });
    await dialog.waitFor();
    await dialog.getByLabel('Clean-up').selectOption('in_progress');
    await expectGoodEverywhere(page);
    await dialog.getByRole('button', { name: 'Change the status' }).click();
    await page.getByText('Done: 2 records').waitFor();
    demo.window.expectClean();
  });

  it('leave as a file with everything masked', async () => {
    const { page, visit } = demo;
    await visit('/sims', 'Recycled SIMs');
    await page.getByRole('row').nth(3).waitFor();
    const file = await saved(page, () => page.getByRole('button', { name: 'Save as CSV' }).first().click());
    expect(file.text.trim().split('\n').length).toBeGreaterThan(100);
    expect(file.text).not.toMatch(/(^|[,"])\d{11}([,"]|$)/m);
  });

  it('tell their life, and whose identity they carry; a whole one only for a reason, and for half a minute', async () => {
    const { page, visit } = demo;
    await visit('/sims?linkage_status=active', 'Recycled SIMs');
    await page.getByRole('row').nth(1).getByRole('link').click();
    await heading(page, /^\+234/).waitFor();
    await page.getByText('Record', { exact: true }).waitFor();
    await expectGoodEverywhere(page);
    await page.getByRole('button', { name: 'Reveal' }).click();
    const dialog = page.getByRole('dialog', { name: /^Reveal the former holder/ });
    await dialog.getByLabel('Why do you need to see it?').fill('Police case 17 of November');
    await expectGoodEverywhere(page);
    await dialog.getByRole('button', { name: 'Reveal' }).click();
    await page.getByText('Shown in full', { exact: true }).waitFor();
    expect(await page.getByText(/(?<!\d)\d{11}(?!\d)/).count()).toBeGreaterThan(0);
    await expectGoodEverywhere(page);
    await page.getByText('Shown in full', { exact: true }).waitFor({ state: 'detached', timeout: 40_000 });
    expect(await page.getByText(/(?<!\d)\d{11}(?!\d)/).count()).toBe(0);
    demo.window.expectClean();
  });

  it('can be reported, changed and deleted by hand, and a mistake is named at its field', async () => {
    const { page, visit } = demo;
    await visit('/sims/new', /./);
    await page.getByLabel('Phone number').fill('0803 999');
    await page.getByLabel('Operator', { exact: true }).selectOption('MTN');
    await page.getByRole('button', { name: 'Report it' }).click();
    await page.locator('[aria-invalid="true"]').first().waitFor();
    await expectGoodEverywhere(page);
    await page.getByLabel('Phone number').fill('0803 999 0001');
    await page.getByLabel('SIM serial (ICCID)').fill('8923401234567890123');
    await page.getByLabel('Recycled on').fill('2026-10-01');
    await page.getByRole('button', { name: 'Report it' }).click();
    await heading(page, '+234 803 999 0001').waitFor();

    await page.getByRole('link', { name: 'Edit' }).click();
    await heading(page, /\+234 803 999 0001/).waitFor();
    await page.getByLabel('Clean-up').selectOption('completed');
    await expectGoodEverywhere(page);
    await page.getByRole('button', { name: 'Save' }).click();
    await heading(page, '+234 803 999 0001').waitFor();
    await page.getByText('Completed').first().waitFor();

    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: /\+234 803 999 0001/ });
    await dialog.waitFor();
    await expectGoodEverywhere(page);
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await heading(page, 'Recycled SIMs').waitFor();
    demo.window.expectClean([422]);
  });

  it('say when one of them is not there', async () => {
    const { page } = demo;
    await page.goto(`${demo.appliance.url}/sims/sim_00000000000000000000000000`);
    await page.getByRole('alert').waitFor();
    await page.getByText('Request id').waitFor();
    await expectGoodEverywhere(page);
    demo.window.expectClean([404]);
  });
});
