import { jobsChannel, simsChannel, systemChannel } from '$/api/live.svelte';
import { RESET } from '$/api/line';
import { api } from '$/api/rest-client';
import type { Instant, Job, LiveEvent, Me } from '$/api/types';
import { hasEnded } from '$/jobs/job';
import { withJob, withSims, withSystem, type Entry } from './list';

/** The least time between two changes of the list: an import tells of a thousand numbers at once. */
const BREATH = 400;

interface Kept {
  entries: Entry[];
  /** The newest event of each channel that is in the list; all windows of a browser hear the same ones. */
  heard: Record<string, string>;
  /** When the newest thing of the list happened: what ended later while nobody looked is new. */
  until: Instant;
}

const EMPTY: Kept = { entries: [], heard: {}, until: '' };

/** What happened lately, for one account on this device. */
export class Bell {
  #kept = $state.raw<Kept>(EMPTY);
  #place = '';
  #waiting: LiveEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly unread = $derived(this.#kept.entries.filter((entry) => !entry.read).length);

  get entries(): Entry[] {
    return this.#kept.entries;
  }

  /** Hears the channels that somebody may hear, after a look at what ended lately. Returns how to stop. */
  start(me: Me): () => void {
    this.#place = `reconexus.bell.${me.id}`;
    this.#kept = read(attempt(() => localStorage.getItem(this.#place)));
    const channels = [jobsChannel];
    if (me.permissions.includes('sim:read')) channels.push(simsChannel);
    if (me.permissions.includes('metrics:read')) channels.push(systemChannel);
    const stops = channels.map((channel) => channel.listen((event) => this.#take(event)));
    const other = (event: StorageEvent) => {
      if (event.key === this.#place) this.#kept = read(event.newValue);
    };
    addEventListener('storage', other);
    void this.#look();
    return () => {
      stops.forEach((stop) => stop());
      removeEventListener('storage', other);
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#waiting = [];
      this.#kept = EMPTY;
    };
  }

  read(id?: string): void {
    if (this.unread === 0) return;
    this.#change(this.entries.map((entry) => (id === undefined || entry.id === id ? { ...entry, read: true } : entry)));
  }

  /** Forgets everything about the account on this device. */
  clear(): void {
    this.#kept = EMPTY;
    this.#waiting = [];
    attempt(() => localStorage.removeItem(this.#place));
  }

  /** Asks what ended lately. On a device that never saw this account, nothing of it is new. */
  async #look(): Promise<void> {
    const { items } = await api.get('/jobs', { query: { limit: 25 } }).catch(() => ({ items: [] }));
    const { until } = this.#kept;
    const ended = items.filter((job) => !isQuiet(job) && (job.state === 'paused' || hasEnded(job))).map((job) => ({ job, at: endOf(job) }));
    const unseen = ended.filter(({ at }) => at > until).sort((a, b) => a.at.localeCompare(b.at));
    const entries = unseen.reduce((list, { job, at }) => withJob(list, job, at, until === ''), this.entries);
    if (unseen.length) this.#change(entries);
  }

  #take(event: LiveEvent) {
    if (event.type === RESET) return void this.#look();
    const state = event.type === 'job.updated' ? (event as LiveEvent<Job>).data.state : undefined;
    // Progress is the pages' matter: only an end, a stop or a new start changes the list.
    if (state === 'running' && !this.entries.some((entry) => entry.state === 'paused')) return;
    this.#waiting.push(event);
    this.#timer ??= setTimeout(() => this.#flush(), BREATH);
  }

  #flush() {
    this.#timer = undefined;
    const heard = { ...this.#kept.heard };
    const fresh = this.#waiting.filter(({ channel, id }) => {
      if (!comesAfter(id, heard[channel])) return false;
      heard[channel] = id;
      return true;
    });
    this.#waiting = [];
    const found = fresh.filter((event) => event.channel === 'sim_alerts');
    let list = fresh.filter((event) => event.channel !== 'sim_alerts').reduce(withEvent, this.entries);
    const last = found.at(-1);
    if (last) list = withSims(list, last.type, last.at, found.length);
    if (list !== this.entries) this.#change(list, heard);
  }

  #change(entries: Entry[], heard = this.#kept.heard) {
    const until = entries.reduce((latest, { at }) => (at > latest ? at : latest), this.#kept.until);
    this.#kept = { entries, heard, until };
    attempt(() => localStorage.setItem(this.#place, JSON.stringify(this.#kept)));
  }
}

function withEvent(list: Entry[], event: LiveEvent): Entry[] {
  if (event.channel === 'system') return withSystem(list, event.id, event.type, event.at);
  if (event.type !== 'job.updated') return list;
  const job = (event as LiveEvent<Job>).data;
  return isQuiet(job) ? list : withJob(list, job, job.finished_at ?? event.at);
}

/** Whether an event is newer than another; what follows the dash tells one start of the server from the next. */
function comesAfter(id: string, last = ''): boolean {
  return id.split('-')[1] !== last.split('-')[1] || id > last;
}

/** What the box does of its own accord, of which nobody needs to hear when it goes well. */
const isQuiet = (job: Job) => job.state === 'succeeded' && job.created_by === 'system';

const endOf = (job: Job): Instant => job.finished_at ?? job.started_at ?? job.created_at;

function read(text: string | null | undefined): Kept {
  try {
    const found: Partial<Kept> = JSON.parse(text ?? '{}');
    return Array.isArray(found.entries) ? { ...EMPTY, ...found } : EMPTY;
  } catch {
    return EMPTY;
  }
}

/** Storage may be off or full: then the list lasts as long as the page. */
function attempt<A>(run: () => A): A | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

/** The one bell of the page. */
export const bell = new Bell();
