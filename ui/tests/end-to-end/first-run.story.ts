// The first run of a newcomer, against the real binary on an empty data folder:
// link, administrator, own files, live progress, detection, counts, one number's life.
// On a phone and on a desk; demo.story.ts tells the same with the demo.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, makeFeeds, startAppliance, type Appliance, type Feeds } from './appliance';
import { expectGood, launch, openWindow, screens, type Window } from './browser';
import { done, heading, setUp } from './steps';

/** Yesterday and today in Lagos. */
const lagos = (ago: number) => new Date(Date.now() + 3_600_000 - ago * 86_400_000).toISOString().slice(0, 10);
const DAYS: [string, string] = [lagos(1), lagos(0)];

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

for (const screen of screens) {
  describe(`a first run on a ${screen.name}`, () => {
    let appliance: Appliance;
    let window: Window;
    let feeds: Feeds;
    let page: Page;

    beforeAll(async () => {
      appliance = await startAppliance();
      feeds = await makeFeeds(appliance.folder, DAYS);
      window = await openWindow(browser, appliance.url, screen);
      page = window.page;
    });
    afterAll(async () => {
      await window?.close();
      await appliance?.stop();
    });

    it('makes the administrator from the link, whose token leaves the address at once', async () => {
      await setUp(page, appliance);
      await page.keyboard.press('Enter');
      await heading(page, 'Welcome, Ada Obi').waitFor();
      await expectGood(page);
      window.expectClean();
    });

    it('says on an empty dashboard what will be there', async () => {
      await page.goto(appliance.url);
      await page.getByText('No number is known yet').waitFor();
      await expectGood(page);
      await page.getByRole('link', { name: 'SIMs' }).click();
      await page.getByText('No recycled number yet').waitFor();
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
      expect(await page.title()).toBe('Recycled SIMs · Reconexus');
      await expectGood(page);
    });

    it('takes two days of inventory, and shows the first rows and the progress', async () => {
      await page.goto(`${appliance.url}/welcome`);
      await page.getByRole('link', { name: 'Import a file' }).click();
      await heading(page, 'Import').waitFor();
      await choose(page, feeds.first);
      await page.getByText(/^The first \d+ rows/).waitFor();
      expect(await page.getByLabel('Day', { exact: true }).inputValue()).toBe(DAYS[0]);
      await page.getByLabel('Operator', { exact: true }).selectOption('MTN');
      await expectGood(page);
      await page.getByRole('button', { name: 'Send the file' }).click();
      await done(page);
      await page.getByRole('button', { name: 'Run detection' }).waitFor();
      await expectGood(page);

      await page.getByRole('button', { name: 'Import another file' }).click();
      await (screen.touch ? choose : drop)(page, feeds.second);
      await page.getByText(/^The first \d+ rows/).waitFor();
      await page.getByRole('button', { name: 'Send the file' }).click();
      await done(page);
      await page.getByRole('heading', { name: 'Inventories taken' }).waitFor();
      await page.getByText(basename(feeds.second)).waitFor();
      expect(window.heard.filter((text) => text.includes('job.updated')).length).toBeGreaterThan(0);
      window.expectClean();
    });

    it('refuses the same file again, and leads to what it became', async () => {
      await page.getByRole('button', { name: 'Import another file' }).click();
      await choose(page, feeds.second);
      await page.getByRole('button', { name: 'Send the file' }).click();
      await page.getByRole('alert').waitFor();
      await page.getByRole('link', { name: 'Open the earlier import' }).click();
      await heading(page, /Inventory of MTN/).waitFor();
      await expectGood(page);
      window.expectClean([409]);
    });

    it('takes the linkages with NIN and BVN hidden', async () => {
      await page.goto(`${appliance.url}/imports?kind=linkages`);
      await choose(page, feeds.linkages);
      await page.getByText(/^The first \d+ rows/).waitFor();
      const personal = (await readFile(feeds.linkages, 'utf8')).split(/\r?\n/)[1]?.split(',')[2] ?? '';
      expect(personal).toMatch(/^\d{11}$/);
      expect(await page.getByText(personal).count()).toBe(0);
      expect(await page.getByText(`${personal.slice(0, 3)}****${personal.slice(-4)}`).count()).toBeGreaterThan(0);
      await page.getByRole('button', { name: 'Send the file' }).click();
      await done(page);
    });

    it('runs the detection and finds what the generator hid', async () => {
      await page.getByRole('button', { name: 'Run detection' }).click();
      await heading(page, /Detection/).waitFor();
      await done(page);
      await expectGood(page);
      await page.getByRole('link', { name: 'Dashboard' }).first().click();
      await heading(page, 'Dashboard').waitFor();
      await page.getByText(/still names? a stranger/).waitFor();
      const shown = async (label: string) => {
        const text = await page.locator('.stat', { hasText: label }).locator('.value').innerText();
        return Number(text.replaceAll(',', ''));
      };
      // A number is recycled when two inventories show it, or when a linkage is older than its holder.
      const recycled = ['recycled', 'stale_nin', 'stale_bvn'].flatMap((event) => feeds.truth.get(event) ?? []);
      expect(await shown('Recycled numbers')).toBe(new Set(recycled).size);
      expect(await shown('With a stranger’s NIN')).toBe(feeds.truth.get('stale_nin')?.length);
      expect(await shown('With a stranger’s BVN')).toBe(feeds.truth.get('stale_bvn')?.length);
      await expectGood(page);
      window.expectClean();
    });

    it('finds one number among them and tells its life', async () => {
      const stale = new Set(feeds.truth.get('stale_nin'));
      const msisdn = feeds.truth.get('recycled')?.find((number) => stale.has(number))?.replace('+', '') ?? '';
      await page.getByRole('link', { name: 'Show them' }).click();
      await heading(page, 'Recycled SIMs').waitFor();
      expect(new URL(page.url()).searchParams.get('linkage_status')).toBe('active');
      await page.getByRole('row').nth(2).waitFor();
      await expectGood(page);
      await page.getByLabel('Search by number, SIM or id').fill(msisdn);
      await page.getByText('1 number', { exact: true }).waitFor();
      expect(new URL(page.url()).searchParams.get('q')).toBe(msisdn);
      await page.getByRole('row').getByRole('link').click();
      await heading(page, spaced(msisdn)).waitFor();
      await page.getByText('This number still carries a former holder’s', { exact: false }).waitFor();
      await page.getByRole('heading', { name: 'Who held it when' }).waitFor();
      await page.getByText('Recycled to another holder').waitFor();
      expect(await page.getByText('Former holder’s', { exact: true }).count()).toBeGreaterThan(0);
      expect(await page.getByText(/[*•]{3,}\d{4}/).count()).toBeGreaterThan(0);
      await expectGood(page);
      await page.goBack();
      await page.getByText('1 number', { exact: true }).waitFor();
    });

    it('lists the jobs, and pages what is longer than a page', async () => {
      await page.goto(`${appliance.url}/sims`);
      await page.getByText(/1–25 of/).waitFor();
      await page.getByRole('button', { name: 'Next page' }).click();
      await page.getByText(/26–\d+ of/).waitFor();
      await page.goto(`${appliance.url}/jobs`);
      await page.getByRole('link', { name: /Detection/ }).first().waitFor();
      await expectGood(page);
      window.expectClean();
    });

    it('signs out, brings whoever signs in back to the page they wanted, by keyboard alone', async () => {
      await page.goto(`${appliance.url}/account`);
      await page.getByText('This one', { exact: true }).first().waitFor();
      await expectGood(page);
      await page.getByRole('button', { name: 'Sign out', exact: true }).click();
      await heading(page, 'Sign in').waitFor();
      await expectGood(page);
      window.expectClean();

      const second = await openWindow(browser, appliance.url, screen);
      await second.page.goto(`${appliance.url}/sims?linkage_status=active`);
      await heading(second.page, 'Sign in').waitFor();
      await second.page.getByLabel('E-mail').focus();
      await second.page.keyboard.type(ADMIN.email);
      await second.page.keyboard.press('Tab');
      await second.page.keyboard.type(ADMIN.password);
      await second.page.keyboard.press('Enter');
      await heading(second.page, 'Recycled SIMs').waitFor();
      expect(new URL(second.page.url()).searchParams.get('linkage_status')).toBe('active');
      await second.close();
    });
  });
}

/** Takes a file with the button. */
async function choose(page: Page, path: string) {
  await page.getByLabel('Choose a file').setInputFiles(path);
}

/** Drops a file on the page, as a hand does. */
async function drop(page: Page, path: string) {
  const text = await readFile(path, 'utf8');
  const transfer = await page.evaluateHandle(
    ([content, name]) => {
      const data = new DataTransfer();
      data.items.add(new File([content], name, { type: 'text/csv' }));
      return data;
    },
    [text, basename(path)] as const,
  );
  await page.getByRole('group', { name: 'Drop the file here' }).dispatchEvent('drop', { dataTransfer: transfer });
}

const spaced = (msisdn: string) => msisdn.replace(/^(234)(\d{3})(\d{3})(\d{4})$/, '+$1 $2 $3 $4');
