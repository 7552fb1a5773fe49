import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect } from 'vitest';

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

export interface Screen {
  name: string;
  width: number;
  height: number;
  touch: boolean;
}

export const phone: Screen = { name: 'phone', width: 360, height: 740, touch: true };
export const desk: Screen = { name: 'desktop', width: 1280, height: 800, touch: false };
export const screens = [phone, desk];

/** A window of one size, and everything in it that must never happen. */
export interface Window {
  page: Page;
  /** Messages of the live channel, as text. */
  heard: string[];
  /**
   * Fails when the window saw a violated policy, an error, a foreign origin, or
   * an answer that refused something, except those that the story asked for.
   */
  expectClean: (refusals?: number[]) => void;
  /** While this runs the server is away: a broken line is no fault then. */
  withoutServer: (run: () => Promise<void>) => Promise<void>;
  close: () => Promise<void>;
}

export async function openWindow(browser: Browser, origin: string, screen: Screen): Promise<Window> {
  const context = await browser.newContext({
    viewport: { width: screen.width, height: screen.height },
    hasTouch: screen.touch,
    isMobile: screen.touch,
  });
  const faults: string[] = [];
  await watch(context, faults);
  const page = await context.newPage();
  const heard: string[] = [];
  let away = false;
  page.on('console', (m) => {
    const isAnswer = m.text().startsWith('Failed to load resource');
    const isBroken = away && /^WebSocket connection to .* failed|net::ERR_/.test(m.text());
    if (!isAnswer && !isBroken && (m.type() === 'error' || m.type() === 'warning')) faults.push(`${m.type()}: ${m.text()} (${page.url()})`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('websocket', (socket) => socket.on('framereceived', (frame) => heard.push(String(frame.payload))));
  context.on('request', (request) => {
    const url = request.url();
    if (new URL(url).origin !== origin && !url.startsWith('blob:')) faults.push(`foreign origin: ${url}`);
  });
  const refused: { status: number; what: string }[] = [];
  context.on('response', (r) => {
    if (r.status() >= 400) refused.push({ status: r.status(), what: `${r.status()} ${r.request().method()} ${r.url()}` });
  });
  return {
    page,
    heard,
    expectClean(refusals = []) {
      expect([...faults, ...refused.filter((r) => !refusals.includes(r.status)).map((r) => r.what)]).toEqual([]);
      refused.length = 0;
    },
    async withoutServer(run) {
      away = true;
      await run();
      away = false;
    },
    close: () => context.close(),
  };
}

async function watch(context: BrowserContext, faults: string[]) {
  await context.exposeFunction('storyFault', (text: string) => faults.push(text));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (e) => {
      const report = (globalThis as unknown as { storyFault: (text: string) => void }).storyFault;
      report(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile ?? ''}:${e.lineNumber}`);
    });
  });
}

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** No accessibility fault in light, dark and high contrast, one h1, and nothing that scrolls sideways. */
export async function expectGood(page: Page): Promise<void> {
  await page.evaluate(await axe);
  for (const look of [{ colorScheme: 'light' }, { colorScheme: 'dark' }, { contrast: 'more' }] as const) {
    // Without motion no colour is caught half-way between two themes.
    await page.emulateMedia({ ...look, reducedMotion: 'reduce' });
    // What a page is made of is the same in every theme; only its colours are looked at again.
    const rules = 'colorScheme' in look && look.colorScheme === 'light' ? undefined : ['color-contrast', 'link-in-text-block'];
    const faults = await page.evaluate(async (values) => {
      const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
      const { violations } = await axe.run(values ? { runOnly: { type: 'rule', values } } : {});
      return violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.html.slice(0, 200)} ${n.any[0]?.message ?? ''}`).join(' | ')}`);
    }, rules);
    expect(faults.join('\n'), `${page.url()} ${JSON.stringify(look)}`).toBe('');
  }
  await page.emulateMedia({ colorScheme: null, contrast: null, reducedMotion: null });
  const shape = await page.evaluate(() => ({
    headings: document.querySelectorAll('h1').length,
    sideways: document.documentElement.scrollWidth - innerWidth,
    styled: [...document.querySelectorAll('[style]:not([style=""], .u-wrap *, .u-wrap)')].map((e) => e.outerHTML.slice(0, 200)),
  }));
  expect(shape, page.url()).toEqual({ headings: 1, sideways: 0, styled: [] });
}

/** The same on a phone's width and on a desk's, whatever the window has now. */
export async function expectGoodEverywhere(page: Page): Promise<void> {
  const before = page.viewportSize();
  for (const { width, height } of screens) {
    await page.setViewportSize({ width, height });
    await expectGood(page);
  }
  if (before) await page.setViewportSize(before);
}
