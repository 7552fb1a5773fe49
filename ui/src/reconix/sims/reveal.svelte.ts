/** How long sealed values stay in sight, in seconds. */
export const IN_SIGHT = 30;

/**
 * Values in clear, for half a minute: they are kept nowhere but here, and go
 * when the time is over, when the tab is hidden, or when somebody says so. The
 * clock is asked, not counted: a machine that slept wakes without them.
 */
export class Reveal {
  values = $state.raw<Record<string, string>>();
  left = $state(0);
  #timer: ReturnType<typeof setInterval> | undefined;

  show(values: Record<string, string>): void {
    const end = performance.now() + IN_SIGHT * 1000;
    this.values = values;
    this.left = IN_SIGHT;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      this.left = Math.ceil((end - performance.now()) / 1000);
      if (this.left <= 0) this.hide();
    }, 250);
  }

  readonly hide = (): void => {
    clearInterval(this.#timer);
    this.values = undefined;
    this.left = 0;
  };

  /** Hides what nobody looks at. Returns how to stop, which hides too. */
  guard(): () => void {
    const away = () => document.hidden && this.hide();
    document.addEventListener('visibilitychange', away);
    addEventListener('pagehide', this.hide);
    return () => {
      document.removeEventListener('visibilitychange', away);
      removeEventListener('pagehide', this.hide);
      this.hide();
    };
  }
}
