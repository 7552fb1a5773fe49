import { untrack } from 'svelte';
import { asProblem, type Problem } from './problem';

interface Parts<Held, Draft, Change> {
  /** What the page was handed; newer ones may come while the form is open. */
  held: () => Held;
  draft: (held: Held) => Draft;
  /** What the draft would change; undefined when that is nothing. */
  change: (base: Held, draft: Draft) => Change | undefined;
  /** Saves against the version that the form was filled from, and answers what holds then. */
  save: (change: Change, base: Held, tag: string) => Promise<Held>;
  /** Reads what the server holds now. */
  read: (base: Held) => Promise<Held>;
}

/**
 * A form over something that others change too. It knows the version that it was
 * filled from, so that nothing of theirs is overwritten: a change that came too late
 * is refused by the server (412), and the newest state is one press away. Made while
 * a component is set up.
 */
export class VersionedForm<Held extends { version: number }, Draft, Change> {
  draft: Draft = $state() as Draft;
  busy = $state(false);
  problem = $state.raw<Problem>();
  readonly change = $derived.by(() => this.#parts.change(this.#base, this.draft));
  #base: Held = $state.raw() as Held;
  readonly #parts: Parts<Held, Draft, Change>;

  constructor(parts: Parts<Held, Draft, Change>) {
    this.#parts = parts;
    this.#fill(untrack(parts.held));
    // A form that nobody touched shows what the server holds now.
    $effect(() => {
      const newest = parts.held();
      untrack(() => {
        if (newest.version !== this.#base.version && !this.change) this.#fill(newest);
      });
    });
  }

  /** Whether somebody else was quicker. */
  get isStale(): boolean {
    return this.problem?.status === 412;
  }

  /** What belongs to no field, and is not that somebody else was quicker. */
  get trouble(): Problem | undefined {
    return this.problem && !this.isStale && this.problem.errors.length === 0 ? this.problem : undefined;
  }

  readonly save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const change = this.change;
    if (!change) return;
    this.busy = true;
    this.problem = undefined;
    try {
      this.#fill(await this.#parts.save(change, this.#base, `"${this.#base.version}"`));
    } catch (thrown) {
      this.problem = asProblem(thrown);
    } finally {
      this.busy = false;
    }
  };

  readonly reload = async (): Promise<void> => {
    try {
      this.#fill(await this.#parts.read(this.#base));
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  };

  #fill(from: Held) {
    this.#base = from;
    this.draft = this.#parts.draft(from);
    this.problem = undefined;
  }
}
