import { api } from './rest-client';
import type { LiveEvent } from './types';

export type Connection = 'idle' | 'connecting' | 'open' | 'waiting';
type Listener = (event: LiveEvent) => void;

/** Waits between two tries, in milliseconds: doubled each time up to the last. */
const FIRST_WAIT = 1_000;
const LAST_WAIT = 30_000;

/** The server's word that this account may not hear the channel: no use to come back. */
const FORBIDDEN = 4003;

/**
 * One live channel of the server. It comes back by itself after a break, asks
 * for what it missed by the id of the last event it saw, and waits longer after
 * each failure, with a random part so that a thousand pages do not return at once.
 * A socket lives no longer than the access token that opened it, so the session
 * is renewed before each return.
 */
export class Channel {
  /** Whether events arrive; pages poll while they do not. */
  connection = $state<Connection>('idle');
  readonly #name: string;
  readonly #renew: () => Promise<unknown>;
  readonly #listeners = new Set<Listener>();
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wait = FIRST_WAIT;
  #lastEvent = '';

  constructor(name: string, renew: () => Promise<unknown>) {
    this.#name = name;
    this.#renew = renew;
  }

  /** Hears events until the returned function is called; the last one out closes the socket. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close();
    };
  }

  #open() {
    this.connection = 'connecting';
    const socket = new WebSocket(this.#address());
    this.#socket = socket;
    socket.onopen = () => {
      this.connection = 'open';
      this.#wait = FIRST_WAIT;
    };
    socket.onmessage = (message) => this.#hear(message.data);
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return;
      if (code === FORBIDDEN) this.connection = 'idle';
      else this.#retry();
    };
  }

  #address(): string {
    const url = new URL(`/ws/${this.#name}`, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    if (this.#lastEvent) url.searchParams.set('last_event_id', this.#lastEvent);
    return url.href;
  }

  #hear(data: unknown) {
    const event = parse(data);
    if (!event) return;
    if (event.id) this.#lastEvent = event.id;
    for (const listener of this.#listeners) listener(event);
  }

  #retry() {
    this.connection = 'waiting';
    this.#timer = setTimeout(() => void this.#return(), this.#wait * (0.5 + Math.random() / 2));
    this.#wait = Math.min(this.#wait * 2, LAST_WAIT);
  }

  async #return() {
    // What went wrong with the session is told by whoever asks for something.
    await this.#renew().catch(() => undefined);
    if (this.connection === 'waiting') this.#open();
  }

  #close() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    this.connection = 'idle';
    this.#wait = FIRST_WAIT;
    socket?.close();
  }
}

/** Job progress: the one channel that these pages listen to. */
export const jobsChannel = new Channel('jobs', () => api.me());

function parse(data: unknown): LiveEvent | undefined {
  try {
    const event: unknown = JSON.parse(String(data));
    return typeof event === 'object' && event !== null && 'type' in event
      ? (event as LiveEvent)
      : undefined;
  } catch {
    return undefined;
  }
}
