// A list of a million records in a browser: from the press to the new rows, and frames
// while scrolling. One line a press: what, milliseconds; one with the frames a second.
// node browser.mjs URL EMAIL PRESSES RECORDS NUMBERS, with the password on standard input;
// NUMBERS is a file of numbers to look for.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [url, email, presses, records, file] = process.argv.slice(2);
const password = readFileSync(0, 'utf8').trim();
const numbers = readFileSync(file, 'utf8').trim().split('\n');
const { chromium } = createRequire(join(import.meta.dirname, '../../ui/package.json'))('playwright-core');

const ANSWER = '/api/v1/recycled-sims?';
/** Rows of the table that is scrolled, and for how long, in milliseconds. */
const LONG = 10_000;
const SCROLL = 5_000;
/** How long the long table may settle, in milliseconds. */
const REST = 10_000;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, serviceWorkers: 'block' });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await signIn(page);
  for (let turn = 0; turn < Number(presses); turn++) await turnOf(page, turn);
  console.log(['frames', await frames(page)].join('\t'));
} finally {
  await browser.close();
}

async function signIn(page) {
  await page.goto(`${url}/sign-in`);
  await page.locator('input[name=email]').fill(email);
  await page.locator('input[name=password]').fill(password);
  await page.locator('button[type=submit]').click();
  await page.waitForURL(`${url}/`);
}

/** Presses everything once, each on a list that was just opened, so that no answer is there already. */
async function turnOf(page, turn) {
  const skip = 25 * turn;
  const whole = numbers[turn % numbers.length];
  const next = () => page.getByRole('button', { name: 'Next page' }).click();
  const order = (name) => () => page.getByRole('columnheader', { name }).getByRole('button').click();
  const choose = (name, values) => () => page.getByRole('combobox', { name }).selectOption(values[turn % values.length]);
  const look = (words) => () => search(page, words);
  await press(page, 'next page', `?skip=${skip}`, next);
  await press(page, 'next page, half-way down', `?skip=${Math.floor(records / 2) + skip}`, next);
  await press(page, 'filter by operator', '', choose('Operator', ['MTN', 'AIRTEL', 'GLO', 'T2']));
  await press(page, 'filter by clean-up', '', choose('Clean-up', ['pending', 'in_progress', 'completed', 'failed']));
  await press(page, 'search for a number', '', look(whole));
  await press(page, 'search for the first six digits', '', look(whole.slice(0, 6)));
  await press(page, 'sort by number', '', order('Phone number'));
  await press(page, 'sort by number, downwards', '?sort=msisdn', order('Phone number'));
  await press(page, 'sort by day', '', order('Recycled on'));
  await press(page, 'sort by day, downwards', '?sort=date_recycled', order('Recycled on'));
  await press(page, 'sort by risk', '', order('Risk'));
  await press(page, 'sort by risk, downwards', '?sort=risk_score', order('Risk'));
}

/** Measures in the page itself: from the event of the press to the frame that has the rows of an answer asked for after it. */
async function press(page, what, query, run) {
  await page.goto(`${url}/sims${query}`);
  await page.locator('tbody tr').first().waitFor();
  await page.getByRole('combobox', { name: 'Operator' }).locator('option[value=MTN]').waitFor({ state: 'attached' });
  await page.evaluate((answer) => {
    let start;
    const begin = (event) => (start ??= event.timeStamp);
    for (const type of ['pointerdown', 'change', 'submit']) addEventListener(type, begin, { capture: true });
    globalThis.shown = new Promise((done) => {
      const look = () => {
        const asked = performance.getEntriesByType('resource').findLast((e) => e.name.includes(answer));
        const there = start !== undefined && asked && asked.startTime >= start && asked.responseEnd > 0;
        const table = document.querySelector('tbody')?.closest('table');
        if (there && table && !table.hasAttribute('aria-busy')) done(performance.now() - start);
        else requestAnimationFrame(look);
      };
      look();
    });
  }, ANSWER);
  await run();
  const took = await Promise.race([
    page.evaluate(() => globalThis.shown),
    new Promise((_, fail) => setTimeout(fail, 60_000, new Error(`${what}: no rows came`)).unref()),
  ]);
  if ((await page.locator('tbody tr').count()) === 0) throw new Error(`${what}: the list is empty`);
  console.log([what, Math.round(took)].join('\t'));
}

/** Words and Enter at once: the pause in which the list waits for a typist is no part of the measure. */
async function search(page, words) {
  await page.getByRole('searchbox').evaluate((field, value) => {
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.form.requestSubmit();
  }, words);
}

/** Frames a second while the page of the list scrolls over LONG rows in one table. */
async function frames(page) {
  // The server gives at most 100 rows a page: here its rows are given again and again, each with an id of its own.
  await page.route(`**${ANSWER}*`, async (route) => {
    const answer = await (await route.fetch({ url: `${url}${ANSWER}limit=100` })).json();
    const items = Array.from({ length: LONG }, (_, n) => ({ ...answer.items[n % answer.items.length], id: `sim_${String(n).padStart(26, '0')}` }));
    await route.fulfill({ json: { ...answer, items } });
  });
  await page.goto(`${url}/sims`);
  await page.waitForFunction((rows) => document.querySelectorAll('tbody tr').length === rows, LONG);
  // Building so many rows takes the page a while, which is no part of the scrolling.
  await page.waitForTimeout(REST);
  return page.evaluate(
    (time) =>
      new Promise((done) => {
        const whole = document.documentElement.scrollHeight - innerHeight;
        let first, drawn = 0;
        const draw = (now) => {
          first ??= now;
          scrollTo(0, (whole * Math.min(now - first, time)) / time / 8);
          if (now - first >= time) done(Math.round((drawn * 10_000) / (now - first)) / 10);
          else drawn++, requestAnimationFrame(draw);
        };
        requestAnimationFrame(draw);
      }),
    SCROLL,
  );
}
