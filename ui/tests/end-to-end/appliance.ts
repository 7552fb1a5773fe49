import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The binary under test: `RECONEXUS_BIN`, or what `make build` leaves. */
export const binary = resolve(process.env.RECONEXUS_BIN ?? join(import.meta.dirname, '../../../bin/reconexus'));

/** How long a fresh data folder may take to be ready, in milliseconds. */
const PATIENCE = 30_000;

/** A running appliance on a free port, with an empty data folder of its own. */
export interface Appliance {
  url: string;
  /** The one-time link that makes the first administrator. */
  setUpLink: string;
  /** Where the story may put its files. */
  folder: string;
  stop: () => Promise<void>;
}

export async function startAppliance(): Promise<Appliance> {
  const folder = await mkdtemp(join(tmpdir(), 'reconexus-story-'));
  const process_ = spawn(binary, ['serve'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      RECONEXUS_DATA: join(folder, 'data'),
      RECONEXUS_HTTP_ADDR: '127.0.0.1:0',
      // A story does in a minute what a person does in twenty.
      RECONEXUS_LIMITS_GENERAL_PER_MINUTE: '0',
    },
  });
  const { url, setUpLink } = await readyLines(process_);
  return {
    url,
    setUpLink,
    folder,
    async stop() {
      const gone = new Promise((done) => process_.once('exit', done));
      if (process_.exitCode === null) {
        process_.kill('SIGTERM');
        await gone;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Reads `… ready on URL` and the set-up link under it. */
function readyLines(process_: ChildProcess): Promise<{ url: string; setUpLink: string }> {
  return new Promise((done, fail) => {
    let said = '';
    const timer = setTimeout(() => fail(new Error(`not ready after ${PATIENCE} ms; it said:\n${said}`)), PATIENCE);
    const read = (chunk: Buffer) => {
      said += chunk.toString();
      const url = /ready on (http:\/\/[\w.:-]+)/.exec(said)?.[1];
      const setUpLink = /(http:\/\/\S+\/setup#\S+)/.exec(said)?.[1];
      if (!url || !setUpLink) return;
      clearTimeout(timer);
      done({ url, setUpLink });
    };
    process_.stdout?.on('data', read);
    process_.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    process_.once('error', fail);
    process_.once('exit', (code) => fail(new Error(`ended with ${code} before it was ready; it said:\n${said}`)));
  });
}

/** The files of a small operator's first two days, with what detection must find in them. */
export interface Feeds {
  first: string;
  second: string;
  linkages: string;
  /** Numbers by event, as the generator knows them. */
  truth: Map<string, string[]>;
}

export async function makeFeeds(folder: string, days: [string, string]): Promise<Feeds> {
  const run = promisify(execFile);
  const [one, two] = days;
  const file = (name: string) => join(folder, name);
  const feeds = { first: file(`MTN_${one}.csv`), second: file(`MTN_${two}.csv`), linkages: file('linkages.csv') };
  const world = ['--operator', 'MTN', '--rows', '20000', '--seed', '7', '--base-day', one];
  await run(binary, ['generate', 'inventory', ...world, '--day', one, '--out', feeds.first]);
  await run(binary, ['generate', 'inventory', ...world, '--day', two, '--out', feeds.second, '--truth', file('inventory-truth.csv')]);
  await run(binary, ['generate', 'linkages', ...world, '--day', two, '--out', feeds.linkages, '--truth', file('linkage-truth.csv')]);
  const truth = new Map<string, string[]>();
  for (const name of ['inventory-truth.csv', 'linkage-truth.csv']) {
    for (const line of (await readFile(file(name), 'utf8')).trim().split(/\r?\n/).slice(1)) {
      const [msisdn = '', event = ''] = line.split(',');
      truth.set(event, [...(truth.get(event) ?? []), msisdn]);
    }
  }
  return { ...feeds, truth };
}
