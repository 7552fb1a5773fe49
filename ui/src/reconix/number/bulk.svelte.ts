import { asProblem, type Problem } from '$/api/problem';

/** What could not be done to one of many. */
export interface Failure {
  id: string;
  problem: Problem;
}

/** Sleeps; a test hands in its own. */
export type Sleep = (ms: number) => Promise<void>;
const sleep: Sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * One deed after another on many records. The server counts requests: when it
 * asks to wait, this waits and goes on. What fails is kept with its reason, and
 * the others go on.
 */
export class Bulk {
  total = $state(0);
  done = $state(0);
  running = $state(false);
  /** Whether the server asked to wait. */
  waiting = $state(false);
  failures = $state.raw<Failure[]>([]);
  readonly #sleep: Sleep;
  #stopped = false;

  constructor(how: Sleep = sleep) {
    this.#sleep = how;
  }

  /** Does it, and answers the ids for which it was not done, failed or stopped before. */
  async run(ids: string[], deed: (id: string) => Promise<unknown>): Promise<string[]> {
    Object.assign(this, { total: ids.length, done: 0, running: true, failures: [] });
    this.#stopped = false;
    const left = new Set(ids);
    for (const id of ids) {
      if (this.#stopped) break;
      const problem = await this.#patiently(() => deed(id));
      if (problem) this.failures = [...this.failures, { id, problem }];
      else left.delete(id);
      this.done++;
    }
    this.running = false;
    return [...left];
  }

  /** Ends before the next one. */
  stop(): void {
    this.#stopped = true;
  }

  async #patiently(deed: () => Promise<unknown>): Promise<Problem | undefined> {
    for (;;) {
      try {
        await deed();
        return undefined;
      } catch (thrown) {
        const problem = asProblem(thrown);
        if (problem.status !== 429 || this.#stopped) return problem;
        this.waiting = true;
        await this.#sleep((problem.retryAfter ?? 5) * 1000);
        this.waiting = false;
      }
    }
  }
}
