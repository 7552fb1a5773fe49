import type { LiveEvent } from './types';

export type Connection = 'idle' | 'connecting' | 'open' | 'waiting';

/** Waits between two tries, in milliseconds: doubled each time up to the last. */
const FIRST_WAIT = 1_000;
const LAST_WAIT = 30_000;
/** A socket that lived less is taken for one that was refused. */
const LIVED = 5_000;

/** Why the server ended a socket, in its own codes. */
const SIGNED_OUT = 4001;
const FORBIDDEN = 4003;
const TOO_MANY = 4008;

/** The type of an event that says: events were lost, ask for the present state again. */
export const RESET = 'reset';

interface Ends {
  /** Renews the session: a socket lives no longer than the access token that opened it. */
  renew: () => Promise<unknown>;
  hear: (event: LiveEvent) => void;
  turn: (connection: Connection) => void;
}

/**
 * One socket of the server's live channels. It comes back by itself after a
 * break, asks for what it missed by the id of the last event it saw, and waits
 * longer after each failure, with a random part so that a thousand pages do not
 * return at once.
 */
export class Line {
  readonly #name: string;
  readonly #ends: Ends;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wait = FIRST_WAIT;
  #last: string;
  #openedAt = 0;
  #returns: boolean;

  /** `last` is the last event that was heard; `returns` whether somebody listened here before. */
  constructor(name: string, ends: Ends, last = '', returns = false) {
    this.#name = name;
    this.#ends = ends;
    this.#last = last;
    this.#returns = returns;
  }

  start(): void {
    addEventListener('online', this.#hurry);
    this.#ends.turn('connecting');
    this.#open();
  }

  stop(): void {
    removeEventListener('online', this.#hurry);
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #open() {
    const socket = new WebSocket(this.#address());
    this.#socket = socket;
    this.#openedAt = 0;
    socket.onopen = () => this.#opened();
    socket.onmessage = (message) => this.#hear(message.data);
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) this.#closed(code);
    };
  }

  #address(): string {
    const url = new URL(`/ws/${this.#name}`, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    if (this.#last) url.searchParams.set('last_event_id', this.#last);
    return url.href;
  }

  #opened() {
    this.#openedAt = Date.now();
    // Without a last event the server cannot know what was missed meanwhile.
    if (this.#returns && !this.#last) {
      this.#ends.hear({ id: '', channel: this.#name, type: RESET, at: new Date().toISOString(), data: {} });
    }
    this.#returns = true;
    this.#ends.turn('open');
  }

  #hear(data: unknown) {
    const event = parse(data);
    if (!event) return;
    if (event.id) this.#last = event.id;
    this.#ends.hear(event);
  }

  #closed(code: number) {
    const lived = this.#openedAt > 0 && Date.now() - this.#openedAt >= LIVED;
    if (lived) this.#wait = FIRST_WAIT;
    if (code === FORBIDDEN) this.#ends.turn('idle');
    else if (code === SIGNED_OUT && lived) void this.#return();
    else this.#retry(code === TOO_MANY ? LAST_WAIT : this.#wait);
  }

  #retry(wait: number) {
    this.#ends.turn('waiting');
    this.#timer = setTimeout(() => void this.#return(), wait * (0.5 + Math.random() / 2));
    this.#wait = Math.min(this.#wait * 2, LAST_WAIT);
  }

  async #return() {
    this.#timer = undefined;
    const gone = this.#socket;
    // What went wrong with the session is told by whoever asks for something.
    await this.#ends.renew().catch(() => undefined);
    if (gone && this.#socket === gone) this.#open();
  }

  /** The device is on a network again: no use to wait any longer. */
  readonly #hurry = () => {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    void this.#return();
  };
}

function parse(data: unknown): LiveEvent | undefined {
  try {
    const event: unknown = JSON.parse(String(data));
    return typeof event === 'object' && event !== null && 'type' in event ? (event as LiveEvent) : undefined;
  } catch {
    return undefined;
  }
}
