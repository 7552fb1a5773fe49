import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** The worker's own name: without a hash, as browsers ask for it by this name for ever. */
export const WORKER = 'service-worker.js';

/** Other languages, the letters that only they need, and the chart: kept when they are used. */
const WHEN_USED = /^assets\/(ha|yo|ig|pcm|noto-sans-extra|LineChart)-/;

/** Icons are the system's, not the page's; siblings are the same file, packed. */
const LEFT_OUT = /^(icon-.*\.png|service-worker\.js)$|\.(gz|br)$/;

/**
 * Builds the service worker beside the pages, as one plain script, and writes
 * the list of the build's files in front of it. The hash is made of the files'
 * contents, so that two builds of one source are the same.
 */
export function serviceWorker(): Plugin {
  let folder = '';
  return {
    name: 'service-worker',
    apply: 'build',
    config: () => ({
      build: {
        rollupOptions: {
          input: { index: 'index.html', 'service-worker': 'src/app/service-worker.ts' },
          output: {
            entryFileNames: ({ name }) => (name === 'service-worker' ? WORKER : 'assets/[name]-[hash].js'),
          },
        },
      },
    }),
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    writeBundle(_, bundle) {
      const worker = bundle[WORKER];
      if (worker?.type !== 'chunk' || worker.imports.length || worker.exports.length) {
        this.error('the service worker must be one script that shares no code with the pages');
      }
      const path = join(folder, WORKER);
      writeFileSync(path, `const BUILD=${JSON.stringify(describe(folder))};${readFileSync(path, 'utf8')}`);
    },
  };
}

function describe(folder: string) {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1).replaceAll('\\', '/'))
    .filter((name) => !LEFT_OUT.test(name))
    .sort();
  const hash = createHash('sha256');
  for (const name of names) hash.update(name).update(readFileSync(join(folder, name)));
  const urls = (wanted: boolean) => names.filter((name) => WHEN_USED.test(name) === wanted).map((name) => `/${name}`);
  return { hash: hash.digest('hex').slice(0, 16), first: urls(false), whenUsed: urls(true) };
}
