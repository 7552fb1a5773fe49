// What Lighthouse says of a page on a phone: one line a page and run, with the page's
// name, performance, accessibility, best practices, and when the largest thing was
// painted and the page answered, in milliseconds, and how fast Lighthouse found this
// machine (a desktop at rest has 1500 and more; it then slows the page down four times).
// node lighthouse.mjs FOLDER URL EMAIL RUNS SIM, with the password on standard input;
// FOLDER is where Lighthouse is installed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, url, email, runs, sim] = process.argv.slice(2);
const password = readFileSync(0, 'utf8').trim();
const brought = createRequire(join(folder, 'package.json'));
const load = (name) => import(pathToFileURL(brought.resolve(name)));
const { default: lighthouse } = await load('lighthouse');
const { default: puppeteer } = await load('puppeteer-core');

const SCORES = ['performance', 'accessibility', 'best-practices'];
const TIMES = ['largest-contentful-paint', 'interactive'];
const PATIENCE = 60_000;

const pages = [
  ['sign-in', '/sign-in'],
  ['dashboard', '/'],
  ['SIM list', '/sims'],
  ['SIM detail', `/sims/${sim}`],
];

for (let run = 0; run < Number(runs); run++) {
  for (const [name, path] of pages) {
    // Beside other work a browser may die or be late: each page gets a second one.
    const figures = await measured(path).catch((problem) => {
      console.error(`${name} once more: ${problem.message}`);
      return measured(path);
    });
    console.log([name, ...figures].join('\t'));
  }
}

/** Looks at one page with a browser of its own. */
async function measured(path) {
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    if (path !== '/sign-in') await signIn(page);
    const { lhr } = await lighthouse(url + path, { onlyCategories: SCORES, formFactor: 'mobile', logLevel: 'silent' }, undefined, page);
    if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
    if (new URL(lhr.finalDisplayedUrl).pathname !== path) throw new Error(`${path} led to ${lhr.finalDisplayedUrl}`);
    for (const audit of Object.values(lhr.audits)) {
      if (audit.score !== null && audit.score < 0.9 && process.env.DETAILS) console.error(path, audit.id, audit.score, audit.displayValue ?? '');
    }
    await page.goto(url + path);
    await page.waitForSelector('h1');
    const figures = [...SCORES.map((id) => Math.round(lhr.categories[id].score * 100)), ...TIMES.map((id) => Math.round(lhr.audits[id].numericValue)), Math.round(lhr.environment.benchmarkIndex)];
    if (!figures.every(Number.isFinite)) throw new Error(`not every figure of ${path} was found: ${figures}`);
    return figures;
  } finally {
    await browser.close();
  }
}

/** Arrives inside by the door, as a person does. */
async function signIn(page) {
  await page.goto(`${url}/sign-in`);
  await page.waitForSelector('input[name=email]');
  await page.type('input[name=email]', email);
  await page.type('input[name=password]', password);
  await page.click('button[type=submit]');
  await page.waitForFunction(() => location.pathname === '/');
}
