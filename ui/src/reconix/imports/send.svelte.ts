import { asProblem, Problem } from '$/api/problem';
import { api, type Uploads } from '$/api/rest-client';
import type { Kind, Reading } from './reading';

const routes: Record<Kind, Uploads> = {
  inventory: '/inventories/{operator}',
  linkages: '/linkages/imports',
  sims: '/recycled-sims/imports',
};

/** Whose file it is, and how it is to be read. */
export interface Destination {
  operator: string;
  day: string;
  columns: string;
  order: Reading['order'];
}

/** One file on its way to the server. */
export class Sending {
  state = $state<'idle' | 'sending' | 'failed'>('idle');
  sent = $state(0);
  total = $state(0);
  /** Bytes a second since the beginning. */
  rate = $state(0);
  problem = $state.raw<Problem>();
  #stop: AbortController | undefined;

  /** Sends a file and gives the id of the job that takes it in; undefined when it failed. */
  async send(kind: Kind, file: File, { operator, day, columns, order }: Destination): Promise<string | undefined> {
    this.#begin(file);
    const began = performance.now();
    try {
      const { job_id } = await api.upload(routes[kind], file, {
        params: { operator },
        query: { name: file.name, day: kind === 'inventory' ? day : undefined, columns, date_order: order },
        signal: this.#stop?.signal,
        onProgress: (sent) => {
          this.sent = sent;
          this.rate = (1000 * sent) / Math.max(1, performance.now() - began);
        },
      });
      this.state = 'idle';
      return job_id;
    } catch (thrown) {
      this.problem = asProblem(thrown);
      this.state = this.problem.code === 'STOPPED' ? 'idle' : 'failed';
      return undefined;
    }
  }

  stop(): void {
    this.#stop?.abort();
  }

  clear(): void {
    this.state = 'idle';
    this.problem = undefined;
  }

  #begin(file: File) {
    this.state = 'sending';
    this.problem = undefined;
    this.sent = 0;
    this.rate = 0;
    this.total = file.size;
    this.#stop = new AbortController();
  }
}
