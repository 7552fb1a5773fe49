import { api } from '$/api/rest-client';
import { asProblem, type Problem } from '$/api/problem';
import type { Me } from '$/api/types';

/** Who is signed in, as far as this window knows. The windows of a browser share one session: they leave together. */
export class Session {
  state = $state<'asking' | 'in' | 'out' | 'unreachable'>('asking');
  me = $state.raw<Me>();
  problem = $state.raw<Problem>();

  readonly #windows = typeof BroadcastChannel === 'function' ? new BroadcastChannel('reconexus.session') : undefined;

  constructor() {
    api.onSignedOut = () => this.#forget();
    this.#windows?.addEventListener('message', () => this.#forget());
  }

  /** Asks the server who is signed in. A refused session is no error here. */
  async ask(): Promise<void> {
    try {
      this.me = await api.me();
      this.state = 'in';
    } catch (thrown) {
      this.problem = asProblem(thrown);
      if (this.problem.status === 401) this.#forget();
      else if (this.state !== 'in') this.state = 'unreachable';
    }
  }

  /** Ends the session on the server, and here even when the server cannot be reached. */
  async signOut(): Promise<void> {
    try {
      await api.post('/auth/logout');
    } finally {
      this.#windows?.postMessage('out');
      this.#forget();
    }
  }

  readonly can = (permission: string) => this.me?.permissions.includes(permission) ?? false;

  #forget() {
    this.me = undefined;
    this.state = 'out';
  }
}
