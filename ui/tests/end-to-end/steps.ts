import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { ADMIN, type Appliance } from './appliance';
import { expectGood, type Window } from './browser';

// What several stories do in the same way.

/** The page's one h1. */
export const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });

/** Waits until the job on the page has ended well. */
export const done = (page: Page) => page.getByText('Done', { exact: true }).waitFor({ timeout: 120_000 });

/** Fills the set-up page of a new box, up to the last press. */
export async function setUp(page: Page, appliance: Appliance): Promise<void> {
  await page.goto(appliance.setUpLink);
  await heading(page, 'Set up this box').waitFor();
  // The token leaves the address at once.
  expect(page.url()).toBe(`${appliance.url}/setup`);
  await page.getByLabel('Full name').fill(ADMIN.name);
  await page.getByLabel('E-mail').fill(ADMIN.email);
  await page.getByLabel('Password', { exact: true }).fill('too short');
  expect(await page.getByRole('button', { name: 'Create the administrator' }).isDisabled()).toBe(true);
  await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
  await expectGood(page);
}

/** Signs in at the door and arrives at a page. */
export async function signIn({ page }: Window, appliance: Appliance, path = '/', email = ADMIN.email): Promise<void> {
  await page.goto(`${appliance.url}/sign-in?next=${encodeURIComponent(path)}`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`${appliance.url}${path}`);
}
