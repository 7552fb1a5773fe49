// A train without network, a box that loses its power, a shared phone, and a new
// version: the last state is there with its age, and the pages go on by themselves.
import { createServer, request as ask, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWithDemo, type Appliance } from './appliance';
import { desk, expectGood, launch, openWindow, phone, type Window } from './browser';
import { heading, signIn } from './steps';

let browser: Browser;
let appliance: Appliance;

beforeAll(async () => {
  browser = await launch();
  appliance = await startWithDemo();
});
afterAll(async () => {
  await appliance?.stop();
  await browser?.close();
});

/** The addresses of all answers that this browser keeps. */
const keptAnswers = (page: Page) =>
  page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('answers-'));
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => url.slice(url.indexOf('/api/v1') + 7));
  });
/** The mark in the top bar that says how old the page is. */
const mark = (page: Page) => page.locator('header button.offline');

describe('on a train, with a phone', () => {
  let window: Window;
  let page: Page;
  beforeAll(async () => {
    window = await openWindow(browser, appliance.url, phone);
    page = window.page;
  });
  afterAll(() => window?.close());

  it('keeps what was looked at, from the first page on', async () => {
    await signIn(window, appliance);
    await page.locator('.stat').first().waitFor();
    await expect.poll(() => keptAnswers(page), { timeout: 10_000 }).toEqual(expect.arrayContaining(['/auth/me', '/dashboard/stats']));
    await page.goto(`${appliance.url}/sims`);
    await page.getByRole('row').nth(2).waitFor();
    window.expectClean();
  });

  it('opens without a network, with the last known state and its age', async () => {
    await window.withoutServer(async () => {
      await page.context().setOffline(true);
      await page.goto(`${appliance.url}/sims`);
      await heading(page, 'Recycled SIMs').waitFor();
      await page.getByRole('row').nth(2).waitFor();
      await mark(page).waitFor();
      await expectGood(page);
      await page.goto(appliance.url);
      await page.locator('.stat').first().waitFor();
      await mark(page).waitFor();
    });
  });

  it('says what it cannot show, and that a change needs the network', async () => {
    await window.withoutServer(async () => {
      await page.goto(`${appliance.url}/sims?q=80312`);
      await page.getByRole('alert').getByText('The server did not answer.').waitFor({ timeout: 30_000 });
      await expectGood(page);
      await page.goto(`${appliance.url}/guide`);
      await heading(page, 'No network').waitFor();
      await expectGood(page);
      await page.goto(`${appliance.url}/account`);
      await page.getByLabel('Full name').fill('Ada Obi-Eze');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByRole('alert').getByText('This needs the network, and the server did not answer.').waitFor();
    });
  });

  it('goes on by itself when the network is back', async () => {
    await window.withoutServer(async () => {
      await page.goto(`${appliance.url}/sims`);
      await mark(page).waitFor();
      await page.context().setOffline(false);
      await mark(page).waitFor({ state: 'detached', timeout: 60_000 });
    });
    window.expectClean();
  });

  it('leaves nothing of a person on the phone after the sign-out', async () => {
    await page.goto(`${appliance.url}/account`);
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await heading(page, 'Sign in').waitFor();
    expect(await keptAnswers(page)).toEqual([]);
    await window.withoutServer(async () => {
      await page.context().setOffline(true);
      await page.goto(`${appliance.url}/sims`);
      await page.getByRole('alert').getByText('The server did not answer.').waitFor();
      expect(await page.getByRole('row').count()).toBe(0);
    });
  });
});

describe('a box that loses its power', () => {
  it('is missed on the page, and heard again when it is back', async () => {
    const window = await openWindow(browser, appliance.url, desk);
    const { page } = window;
    await signIn(window, appliance, '/jobs');
    await page.getByRole('row').nth(2).waitFor();
    await expect.poll(() => keptAnswers(page), { timeout: 10_000 }).toContain('/auth/me');
    window.expectClean();

    await window.withoutServer(async () => {
      await appliance.fail();
      await mark(page).waitFor();
      await page.reload();
      await heading(page, 'Jobs').waitFor();
      await page.getByRole('row').nth(2).waitFor();
      await mark(page).waitFor();
      await appliance.comeBack();
      await mark(page).waitFor({ state: 'detached', timeout: 60_000 });
      await page.locator('header').getByText('Live', { exact: true }).waitFor({ timeout: 60_000 });
    });

    const before = window.heard.length;
    await page.getByRole('button', { name: 'Run detection' }).first().click();
    await heading(page, /Detection/).waitFor();
    await page.getByText('Done', { exact: true }).waitFor({ timeout: 60_000 });
    await expect.poll(() => window.heard.slice(before).some((text) => text.includes('job.updated'))).toBe(true);
    window.expectClean();
    await window.close();
  });
});

describe('a new version', () => {
  let front: Server;
  let revision = 1;
  const origin = () => `http://127.0.0.1:${(front.address() as AddressInfo).port}`;

  // Stands before the appliance, and lets its worker look like one of the next build.
  beforeAll(async () => {
    const { hostname, port } = new URL(appliance.url);
    front = createServer((from, to) => {
      const isWorker = from.url === '/service-worker.js';
      const headers = isWorker ? { ...from.headers, 'accept-encoding': 'identity', 'if-none-match': '' } : from.headers;
      const through = ask({ hostname, port, path: from.url, method: from.method, headers }, (answer) => {
        const { 'content-length': length, ...rest } = answer.headers;
        to.writeHead(answer.statusCode ?? 500, isWorker || !length ? rest : answer.headers);
        answer.pipe(to, { end: !isWorker });
        if (isWorker) answer.on('end', () => to.end(`// ${revision}`));
      });
      through.on('error', () => to.destroy());
      from.pipe(through);
    });
    front.on('upgrade', (from, socket, head) => {
      const through = connect(Number(port), hostname, () => {
        through.write(`${from.method} ${from.url} HTTP/1.1\r\n${Object.entries(from.headers).map(([k, v]) => `${k}: ${v}`).join('\r\n')}\r\n\r\n`);
        through.write(head);
        socket.pipe(through).pipe(socket);
      });
      through.on('error', () => socket.destroy());
      socket.on('error', () => through.destroy());
    });
    await new Promise<void>((ready) => front.listen(0, '127.0.0.1', ready));
  });
  afterAll(() => {
    front?.closeAllConnections();
    front?.close();
  });

  it('is offered, and taken when the person says so', async () => {
    const window = await openWindow(browser, origin(), desk);
    const { page } = window;
    await page.goto(`${origin()}/sign-in`);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
    revision = 2;
    await page.reload();
    await page.getByText('A new version is ready.').waitFor({ timeout: 20_000 });
    await expectGood(page);
    const reloaded = page.waitForEvent('load');
    await page.getByRole('button', { name: 'Reload' }).click();
    await reloaded;
    await heading(page, 'Sign in').waitFor();
    expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.waiting ?? null)).toBe(null);
    expect(await page.getByText('A new version is ready.').count()).toBe(0);
    window.expectClean();
    await window.close();
  });
});
