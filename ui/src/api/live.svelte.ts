import { Line, type Connection } from './line';
import { api } from './rest-client';
import type { LiveEvent } from './types';

type Listener = (event: LiveEvent) => void;

/** What the windows of one browser tell each other about a channel. */
type Word = { event: LiveEvent } | { connection: Connection; last: string } | { ask: true };

/**
 * One live channel of the server, for all windows of this browser together: an
 * account may hold only a few sockets. The window that has the channel's lock
 * holds the socket and passes on what it hears; when it closes, the lock falls
 * to another one, which goes on after the last event that it was told.
 */
export class Channel {
  /** Whether events arrive; pages poll while they do not. */
  connection = $state<Connection>('idle');
  readonly #name: string;
  readonly #renew: () => Promise<unknown>;
  readonly #listeners = new Set<Listener>();
  #others: BroadcastChannel | undefined;
  #stop: AbortController | undefined;
  #leads = false;
  /** Whether another window held the socket since this one listens. */
  #followed = false;
  #last = '';

  constructor(name: string, renew: () => Promise<unknown>) {
    this.#name = name;
    this.#renew = renew;
  }

  /** Hears events until the returned function is called; the last one out closes the line. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#begin();
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#end();
    };
  }

  #begin() {
    this.connection = 'connecting';
    this.#stop = new AbortController();
    const place = `reconexus.live.${this.#name}`;
    if (canShare()) {
      this.#others = new BroadcastChannel(place);
      this.#others.onmessage = ({ data }: MessageEvent<Word>) => this.#overhear(data);
      this.#tell({ ask: true });
    }
    lead(place, this.#stop.signal, () => this.#lead());
  }

  #end() {
    this.#stop?.abort();
    this.#others?.close();
    this.#others = undefined;
    this.connection = 'idle';
    this.#followed = false;
    this.#last = '';
  }

  /** Holds the socket from now on. Returns how to let go. */
  #lead(): () => void {
    const ends = {
      renew: this.#renew,
      hear: (event: LiveEvent) => {
        this.#hear(event);
        this.#tell({ event });
      },
      turn: (connection: Connection) => {
        this.connection = connection;
        this.#tell({ connection, last: this.#last });
      },
    };
    const line = new Line(this.#name, ends, this.#last, this.#followed);
    this.#leads = true;
    line.start();
    return () => {
      this.#leads = false;
      line.stop();
    };
  }

  #hear(event: LiveEvent) {
    if (event.id) this.#last = event.id;
    for (const listener of this.#listeners) listener(event);
  }

  #overhear(word: Word) {
    if ('ask' in word) {
      if (this.#leads) this.#tell({ connection: this.connection, last: this.#last });
    } else if (!this.#leads) {
      this.#followed = true;
      if ('event' in word) return this.#hear(word.event);
      this.connection = word.connection;
      if (word.last > this.#last) this.#last = word.last;
    }
  }

  #tell(word: Word) {
    this.#others?.postMessage(word);
  }
}

/** Insecure pages have no locks: there each window holds sockets of its own. */
function canShare(): boolean {
  return 'locks' in navigator && typeof BroadcastChannel === 'function';
}

/** Begins when the lock of a name is free, and keeps it until the signal. */
function lead(name: string, signal: AbortSignal, begin: () => () => void): void {
  const hold = () =>
    new Promise<void>((done) => {
      if (signal.aborted) return done();
      const letGo = begin();
      signal.addEventListener('abort', () => {
        letGo();
        done();
      });
    });
  if (!canShare()) void hold();
  // A window that stops waiting for its turn is no error.
  else navigator.locks.request(name, { signal }, hold).catch(() => undefined);
}

const renew = () => api.me();

/** Job progress; whoever is signed in may hear it. */
export const jobsChannel = new Channel('jobs', renew);
/** Numbers that were found to be recycled; asks for `sim:read`. */
export const simsChannel = new Channel('sim_alerts', renew);
/** Each step of a delink request; asks for `delink:read`. */
export const delinkChannel = new Channel('delink_updates', renew);
/** That a receiver of webhooks is no longer as it was; asks for `webhook:read`. */
export const webhooksChannel = new Channel('webhooks', renew);
/** What the box says about itself; asks for `metrics:read`. */
export const systemChannel = new Channel('system', renew);
