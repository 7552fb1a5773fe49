const PLACE = 'reconexus.sims.columns';

/** What is shown before anybody chose. */
const USUAL = ['operator', 'linkage', 'recycled', 'nin', 'bvn', 'risk', 'cleanup'];

/** Which columns this browser wants to see, kept for the next visit. */
class Choice {
  #shown = $state(kept());

  shows(key: string): boolean {
    return this.#shown.includes(key);
  }

  show(key: string, on: boolean): void {
    this.#shown = on ? [...this.#shown, key] : this.#shown.filter((k) => k !== key);
    try {
      localStorage.setItem(PLACE, JSON.stringify(this.#shown));
    } catch {
      // Storage is off: the choice lasts as long as the page.
    }
  }
}

export const choice = new Choice();

function kept(): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(PLACE) ?? 'null');
    return Array.isArray(found) ? found.filter((k) => typeof k === 'string') : USUAL;
  } catch {
    return USUAL;
  }
}
