// What runs: detection runs and jobs, live; and the dashboard, whose numbers lead to lists.
import { describe, expect, it } from 'vitest';
import { expectGoodEverywhere } from './browser';
import { done, heading, onDemo } from './steps';

describe('the work of the box', () => {
  const demo = onDemo();

  it('is summed up on the dashboard, whose numbers lead to the lists behind them', async () => {
    const { page, visit } = demo;
    await visit('/', 'Dashboard');
    await page.locator('.uplot').first().waitFor();
    await expectGoodEverywhere(page);
    const stat = page.locator('a.stat[href^="/sims"]').first();
    const to = await stat.getAttribute('href');
    await stat.click();
    await heading(page, 'Recycled SIMs').waitFor();
    expect(page.url()).toBe(demo.appliance.url + to);
  });

  it('is started by hand, and moves by itself until it is done', async () => {
    const { page, visit } = demo;
    await visit('/detections', 'Detection runs');
    await page.getByRole('row').nth(1).waitFor();
    await expectGoodEverywhere(page);
    const before = demo.window.heard.length;
    await page.getByRole('button', { name: 'Judge everything again' }).click();
    const dialog = page.getByRole('dialog', { name: 'Judge every linkage again?' });
    await expectGoodEverywhere(page);
    await dialog.getByRole('button', { name: 'Judge everything again' }).click();
    await heading(page, /Detection/).waitFor();
    await expect.poll(() => demo.window.heard.slice(before).some((text) => text.includes('succeeded')), { timeout: 60_000 }).toBe(true);
    demo.window.expectClean();
  });

  it('is listed job by job', async () => {
    const { page, visit } = demo;
    await visit('/jobs', 'Jobs');
    await page.getByRole('row').nth(2).waitFor();
    await expectGoodEverywhere(page);
    await page.getByRole('link', { name: /Detection/ }).first().click();
    await heading(page, /Detection/).waitFor();
    await done(page);
    await expectGoodEverywhere(page);
    demo.window.expectClean();
  });
});
