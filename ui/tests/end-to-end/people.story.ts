// People, their roles, and the keys of programmes: made, changed, shut and ended,
// and what somebody sees who may do none of it.
import { describe, expect, it } from 'vitest';
import { addUser, ADMIN } from './appliance';
import { desk, expectGoodEverywhere, launch, openWindow } from './browser';
import { heading, onDemo, signIn } from './steps';

describe('people and keys', () => {
  const demo = onDemo();

  it('lists who can sign in, and says when nobody fits', async () => {
    const { page, visit } = demo;
    await visit('/users', 'People');
    await page.getByRole('link', { name: ADMIN.name }).waitFor();
    await expectGoodEverywhere(page);
    await visit('/users?q=nobody', 'People');
    await page.getByText('Nothing matches').waitFor();
    await expectGoodEverywhere(page);
  });

  it('makes an account whose password is shown once', async () => {
    const { page, visit } = demo;
    await visit('/users/new', 'Add a person');
    await page.getByLabel('Full name').fill('Chidi Okafor');
    await page.getByLabel('E-mail').fill('chidi@example.ng');
    await page.getByRole('radio', { name: /^Auditor/ }).check();
    await expectGoodEverywhere(page);
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.getByText('Chidi Okafor has an account').waitFor();
    await expectGoodEverywhere(page);
    await page.getByRole('link', { name: 'Open the account' }).click();
    await heading(page, 'Chidi Okafor').waitFor();
    await expectGoodEverywhere(page);
    demo.window.expectClean();
  });

  it('asks once before it shuts an account, and names it', async () => {
    const { page } = demo;
    await page.getByRole('button', { name: 'Shut the account' }).click();
    const dialog = page.getByRole('dialog', { name: 'Shut the account of Chidi Okafor?' });
    await dialog.waitFor();
    await expectGoodEverywhere(page);
    await dialog.getByRole('button', { name: 'Shut the account' }).click();
    await page.getByText('This account is shut').waitFor();
    demo.window.expectClean();
  });

  it('shows what each role may do', async () => {
    const { page, visit } = demo;
    await visit('/roles', 'Roles');
    await page.getByText('This is your role.').first().waitFor();
    await expectGoodEverywhere(page);
  });

  it('makes a key, shows it once, and ends it', async () => {
    const { page, visit } = demo;
    await visit('/api-keys', 'API keys');
    await page.getByText('No programme has a key yet').waitFor();
    await expectGoodEverywhere(page);
    await page.getByRole('link', { name: 'Make a key' }).first().click();
    await heading(page, 'Make a key').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('desk of bank 044');
    await page.getByRole('checkbox').first().check();
    await expectGoodEverywhere(page);
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByText('The key “desk of bank 044” is made').waitFor();
    await expectGoodEverywhere(page);
    await page.getByRole('link', { name: 'Open the key' }).click();
    await heading(page, 'desk of bank 044').waitFor();
    await expectGoodEverywhere(page);
    await page.getByRole('button', { name: 'End the key' }).click();
    await page.getByRole('dialog', { name: 'End the key “desk of bank 044”?' }).getByRole('button', { name: 'End the key' }).click();
    await heading(page, 'API keys').waitFor();
    await page.getByText('No programme has a key yet').waitFor();
    demo.window.expectClean();
  });

  it('tells whoever may not that they may not, without asking the server', async () => {
    const browser = await launch();
    await addUser(demo.appliance.folder, 'auditor@example.ng', 'auditor');
    const other = await openWindow(browser, demo.appliance.url, desk);
    await signIn(other, demo.appliance, '/users', 'auditor@example.ng');
    await heading(other.page, 'Not allowed').waitFor();
    await expectGoodEverywhere(other.page);
    expect(await other.page.getByText('user:manage').count()).toBeGreaterThan(0);
    other.expectClean();
    await browser.close();
  });
});
