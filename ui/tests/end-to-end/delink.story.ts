// A delink request: opened on a flagged number, not approved by who opened it,
// approved by a colleague, carried out while the page is open, and proved.
import { describe, expect, it } from 'vitest';
import { addUser } from './appliance';
import { desk, expectGoodEverywhere, launch, openWindow } from './browser';
import { heading, onDemo, saved, signIn } from './steps';

const COLLEAGUE = 'bola@example.ng';

describe('a delink request', () => {
  const demo = onDemo();
  let path = '';

  it('is opened on a flagged number, with a reason', async () => {
    const { page, visit } = demo;
    await visit('/delink-requests', 'Delink requests');
    await page.getByText('Nothing waits for you').waitFor();
    await expectGoodEverywhere(page);
    await page.getByRole('link', { name: 'Flagged numbers' }).click();
    await heading(page, 'Recycled SIMs').waitFor();
    await page.getByRole('row').nth(1).getByRole('link').click();
    await heading(page, /^\+234/).waitFor();
    await page.getByRole('button', { name: 'Open a delink request' }).click();
    const dialog = page.getByRole('dialog', { name: /^Open a delink request for \+234/ });
    await dialog.getByLabel('To remove').selectOption('nin');
    await dialog.getByLabel(/^Reason/).fill('The new holder gets a stranger’s letters');
    await expectGoodEverywhere(page);
    await dialog.getByRole('button', { name: 'Submit' }).click();
    await page.getByRole('link', { name: 'Open it' }).click();
    await page.getByText('You submitted this request').waitFor();
    path = new URL(page.url()).pathname;
    demo.window.expectClean();
  });

  it('is not decided by who submitted it', async () => {
    const { page } = demo;
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    await expectGoodEverywhere(page);
    const status = await page.evaluate(async (at) => {
      const me = (await (await fetch('/api/v1/auth/me')).json()) as { csrf_token: string };
      const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf_token };
      return (await fetch(`/api/v1${at}/approve`, { method: 'POST', headers, body: '{"approved":true}' })).status;
    }, path);
    expect(status).toBe(403);
    demo.window.expectClean([403]);
  });

  it('is approved by a colleague, and both see it carried out', async () => {
    await addUser(demo.appliance.folder, COLLEAGUE, 'admin', '--name', 'Bola Ade');
    const browser = await launch();
    const window = await openWindow(browser, demo.appliance.url, desk);
    try {
      await signIn(window, demo.appliance, '/delink-requests', COLLEAGUE);
      await window.page.getByRole('row').nth(1).getByRole('link').waitFor();
      await expectGoodEverywhere(window.page);
      await window.page.getByRole('row').nth(1).getByRole('link').click();
      await window.page.getByRole('button', { name: 'Approve' }).click();
      await window.page.getByRole('dialog', { name: /^Approve the request for \+234/ }).getByRole('button', { name: 'Approve' }).click();
      await window.page.getByText('What was asked for is removed.').waitFor();
      await expectGoodEverywhere(window.page);
      window.expectClean();
    } finally {
      await window.close();
      await browser.close();
    }
    await demo.page.getByText('What was asked for is removed.').waitFor();
    demo.window.expectClean();
  });

  it('leaves a certificate, and stands among the ended ones', async () => {
    const { page, visit } = demo;
    const file = await saved(page, () => page.getByRole('button', { name: 'Save the certificate' }).click());
    expect(JSON.parse(file.text)).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await visit('/delink-requests?tab=ended', 'Delink requests');
    await page.getByRole('row').nth(1).getByRole('link').waitFor();
    await expectGoodEverywhere(page);
    demo.window.expectClean();
  });
});
