// Linkages, the conflicts among them, and the operators and banks they refer to.
import { describe, expect, it } from 'vitest';
import { expectGoodEverywhere } from './browser';
import { heading, onDemo } from './steps';

describe('linkages', () => {
  const demo = onDemo();
  let msisdn = '';

  it('are listed by NIN and by BVN, masked', async () => {
    const { page, visit } = demo;
    await visit('/linkages?verdict=stale', 'Linkages');
    await page.getByRole('row').nth(2).waitFor();
    msisdn = (await page.getByRole('row').nth(1).getByRole('link').innerText()).replaceAll(' ', '');
    expect(await page.getByText(/(?<!\d)\d{11}(?!\d)/).count()).toBe(0);
    await expectGoodEverywhere(page);
    await page.getByRole('tab', { name: 'BVN' }).click();
    await page.getByRole('row').nth(1).waitFor();
    await expectGoodEverywhere(page);
  });

  it('are verified one by one in a drawer, and many on a page', async () => {
    const { page, visit } = demo;
    await visit('/linkages', 'Linkages');
    await page.getByRole('button', { name: 'Verify', exact: false }).first().click();
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('Phone number').fill(msisdn);
    await drawer.getByRole('button', { name: /^Verify/ }).click();
    await drawer.getByRole('status').getByText(msisdn.slice(-4)).or(drawer.locator('dl')).first().waitFor();
    await expectGoodEverywhere(page);
    await page.keyboard.press('Escape');
    await visit('/linkages/check', 'Check many numbers');
    await page.getByLabel('Numbers, one a line or between commas').fill(`${msisdn}\n08039990002`);
    await page.getByRole('button', { name: 'Check them' }).click();
    await page.getByText('2 checked: 1 linked, 1 not linked').waitFor();
    await expectGoodEverywhere(page);
    demo.window.expectClean();
  });

  it('that disagree are told with what to do', async () => {
    const { page, visit } = demo;
    await visit('/conflicts', 'Conflicts');
    await page.getByText('What to do:').first().waitFor();
    await expectGoodEverywhere(page);
  });

  it('refer to operators and banks, which can be added and changed', async () => {
    const { page, visit } = demo;
    await visit('/operators', 'Operators and banks');
    await page.getByRole('link', { name: 'MTN' }).first().waitFor();
    await expectGoodEverywhere(page);
    await page.getByRole('button', { name: 'Add an operator' }).or(page.getByRole('link', { name: 'Add an operator' })).click();
    const drawer = page.getByRole('dialog', { name: 'Add an operator' });
    await drawer.getByLabel('Code', { exact: true }).fill('VTEL');
    await drawer.getByLabel('Name', { exact: true }).first().fill('V Telecom');
    await expectGoodEverywhere(page);
    await drawer.getByRole('button', { name: /Save|Add an operator/ }).click();
    await page.getByRole('link', { name: 'V Telecom' }).waitFor();
    await page.getByRole('tab', { name: 'Banks' }).click();
    await page.getByRole('row').nth(2).waitFor();
    await expectGoodEverywhere(page);
    await heading(page, 'Operators and banks').waitFor();
    demo.window.expectClean();
  });
});
