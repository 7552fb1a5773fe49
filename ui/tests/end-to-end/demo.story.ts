// The first five minutes of somebody who has never seen the program, on a phone
// with a finger: link, administrator, demo, and how many numbers carry a stranger's identity.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type Appliance } from './appliance';
import { expectGood, launch, openWindow, phone, type Window } from './browser';
import { heading, setUp } from './steps';

describe('the first five minutes on a phone', () => {
  let browser: Browser;
  let appliance: Appliance;
  let window: Window;
  beforeAll(async () => {
    browser = await launch();
    appliance = await startAppliance();
    window = await openWindow(browser, appliance.url, phone);
  });
  afterAll(async () => {
    await window?.close();
    await appliance?.stop();
    await browser?.close();
  });

  it('begin with the link and a password', async () => {
    const { page } = window;
    await setUp(page, appliance);
    await page.getByRole('button', { name: 'Create the administrator' }).tap();
    await heading(page, /^Welcome/).waitFor();
    await expectGood(page);
  });

  it('go on with the demo, to a dashboard that says how many numbers carry a stranger’s identity', async () => {
    const { page } = window;
    await page.getByRole('button', { name: 'Fill it with demo data' }).tap();
    await page.getByText('The demo data are in.', { exact: false }).waitFor({ timeout: 60_000 });
    await page.getByRole('link', { name: 'Go to the dashboard' }).tap();
    await heading(page, 'Dashboard').waitFor();
    await page.getByText(/still names? a stranger/).waitFor();
    await page.locator('.uplot').first().waitFor();
    await expectGood(page);
    expect(await page.locator('.stat .value').first().innerText()).toMatch(/^[\d,]+$/);
    window.expectClean();
  });

  it('end at one number’s life, in another language and in the dark', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Show them' }).tap();
    await page.getByRole('row').nth(1).getByRole('link').tap();
    await heading(page, /^\+234/).waitFor();
    await expectGood(page);
    await page.getByRole('button', { name: 'My account and look' }).tap();
    await page.getByLabel('Language').selectOption('ha');
    await page.getByText('Mai duhu', { exact: true }).tap();
    await expect.poll(() => page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme])).toEqual(['ha', 'dark']);
    await page.keyboard.press('Escape');
    await expectGood(page);
    for (const language of ['yo', 'ig', 'pcm']) {
      await page.evaluate((l) => localStorage.setItem('reconexus.look', JSON.stringify({ language: l })), language);
      await page.goto(appliance.url);
      await page.locator('.uplot').first().waitFor();
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(language);
      await expectGood(page);
    }
    window.expectClean();
  });
});
