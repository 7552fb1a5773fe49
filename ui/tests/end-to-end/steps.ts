import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { ADMIN, startWithDemo, type Appliance } from './appliance';
import { desk, expectGood, launch, openWindow, type Window } from './browser';

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

/** What the chapters of a story on the demo share. */
export interface Demo {
  appliance: Appliance;
  window: Window;
  page: Page;
  /** Opens a page and waits for its h1. */
  visit: (path: string, title: string | RegExp) => Promise<void>;
}

/** A box with the demo, and its administrator signed in on a desk (or on another screen). */
export function onDemo(screen = desk): Demo {
  const demo = {} as Demo;
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launch();
    demo.appliance = await startWithDemo();
    demo.window = await openWindow(browser, demo.appliance.url, screen);
    demo.page = demo.window.page;
    demo.visit = async (path, title) => {
      await demo.page.goto(demo.appliance.url + path);
      await heading(demo.page, title).waitFor();
    };
    await signIn(demo.window, demo.appliance);
  });
  afterAll(async () => {
    await demo.window?.close();
    await demo.appliance?.stop();
    await browser?.close();
  });
  return demo;
}

/** The text of the file that a press saves. */
export async function saved(page: Page, press: () => Promise<void>): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}
