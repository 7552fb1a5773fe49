/** A tick that is coarse enough for "as of 14:05". */
const TICK = 15_000;

/**
 * How old what the server said is: the newest answer, and whether answers come
 * from what this device kept because the server could not be reached.
 */
class Age {
  /** When the server said what the pages show, if an older answer stood in for it. */
  cachedAt = $state.raw<Date>();
  /** The present, read anew every few seconds. */
  now = $state(Date.now());

  /** Takes down an answer: when the server gave it, and whether this device kept it since. */
  note(at: Date, cached: boolean): void {
    if (!cached) this.cachedAt = undefined;
    else if (!this.cachedAt || at < this.cachedAt) this.cachedAt = at;
  }

  /** Lets the present move. Returns how to stop. */
  watch(): () => void {
    this.now = Date.now();
    const timer = setInterval(() => (this.now = Date.now()), TICK);
    return () => clearInterval(timer);
  }
}

/** The age of what the pages show. */
export const age = new Age();
