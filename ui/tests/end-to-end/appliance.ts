import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The binary under test: `RECONEXUS_BIN`, or what `make build` leaves. */
export const binary = resolve(process.env.RECONEXUS_BIN ?? join(import.meta.dirname, '../../../bin/reconexus'));

/** How long a fresh data folder may take to be ready, in milliseconds. */
const PATIENCE = 30_000;

/** Who runs the box in the stories. */
export const ADMIN = { name: 'Ada Obi', email: 'ada@example.ng', password: 'a sentence is easy to remember' };

/** A running appliance on a free port, with a data folder of its own. */
export interface Appliance {
  url: string;
  /** The one-time link that makes the first administrator; empty when there is one. */
  setUpLink: string;
  /** Where the story may put its files. */
  folder: string;
  /** Goes away at once, as in a power cut. */
  fail: () => Promise<void>;
  /** Comes back on the same port and the same data. */
  comeBack: () => Promise<void>;
  stop: () => Promise<void>;
}

/** An appliance that nobody has used yet. */
export async function startAppliance(): Promise<Appliance> {
  return open(await mkdtemp(join(tmpdir(), 'reconexus-story-')), true);
}

/** An appliance with an administrator and the demo's month of four operators. */
export async function startWithDemo(): Promise<Appliance> {
  const folder = await mkdtemp(join(tmpdir(), 'reconexus-story-'));
  await addUser(folder, ADMIN.email, 'admin', '--name', ADMIN.name);
  const appliance = await open(folder, false);
  const { access_token } = await ask<{ access_token: string }>(appliance, 'POST', '/auth/login', '', { email: ADMIN.email, password: ADMIN.password });
  const { job_id } = await ask<{ job_id: string }>(appliance, 'POST', '/demo-data', access_token, {});
  for (let state = ''; state !== 'succeeded'; ) {
    await new Promise((done) => setTimeout(done, 100));
    ({ state } = await ask<{ state: string }>(appliance, 'GET', `/jobs/${job_id}`, access_token));
    if (state === 'failed') throw new Error('the demo could not be loaded');
  }
  return appliance;
}

/** Makes an account with the administrator's password. */
export async function addUser(folder: string, email: string, role: string, ...flags: string[]): Promise<void> {
  const run = promisify(execFile)(binary, ['user', 'create', '--data', join(folder, 'data'), '--email', email, '--role', role, '--password-stdin', ...flags]);
  run.child.stdin?.end(`${ADMIN.password}\n`);
  await run;
}

async function ask<A>({ url }: Appliance, method: string, path: string, token: string, body?: unknown): Promise<A> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(`${url}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as A;
}

async function open(folder: string, isNew: boolean): Promise<Appliance> {
  let process_ = serve(folder, '127.0.0.1:0');
  const { url, setUpLink } = await readyLines(process_, isNew);
  const end = async (signal: NodeJS.Signals) => {
    const gone = new Promise((done) => process_.once('exit', done));
    if (process_.exitCode !== null || process_.signalCode !== null) return;
    process_.kill(signal);
    await gone;
  };
  return {
    url,
    setUpLink,
    folder,
    fail: () => end('SIGKILL'),
    async comeBack() {
      process_ = serve(folder, new URL(url).host);
      await readyLines(process_, false);
    },
    async stop() {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function serve(folder: string, address: string): ChildProcess {
  return spawn(binary, ['serve'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      RECONEXUS_DATA: join(folder, 'data'),
      RECONEXUS_HTTP_ADDR: address,
      // A story does in a minute what a person does in twenty.
      RECONEXUS_LIMITS_GENERAL_PER_MINUTE: '0',
      RECONEXUS_LIMITS_AUTH_PER_MINUTE: '0',
    },
  });
}

/** Reads `… ready on URL`, and the set-up link under it if the box has no administrator yet. */
function readyLines(process_: ChildProcess, isNew: boolean): Promise<{ url: string; setUpLink: string }> {
  return new Promise((done, fail) => {
    let said = '';
    const timer = setTimeout(() => fail(new Error(`not ready after ${PATIENCE} ms; it said:\n${said}`)), PATIENCE);
    const read = (chunk: Buffer) => {
      said += chunk.toString();
      const url = /ready on (http:\/\/[\w.:-]+)/.exec(said)?.[1];
      const setUpLink = /(http:\/\/\S+\/setup#\S+)/.exec(said)?.[1] ?? '';
      if (!url || (isNew && !setUpLink)) return;
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
