/** How long after a `g` its second key is waited for, in milliseconds. */
const PATIENCE = 1_500;

/** What the keys of every page do. */
export interface Hands {
  /** Whether single keys are wanted at all. */
  on: () => boolean;
  /** The pages that a `g` and a letter lead to. */
  paths: () => Record<string, string>;
  go: (path: string) => void;
  search: () => void;
  palette: () => void;
  shortcuts: () => void;
}

/**
 * Hears the keys of every page: Ctrl K everywhere; single keys only where nobody
 * writes, no dialog is open, and they were not switched off. Returns how to stop.
 */
export function hearKeys(hands: Hands): () => void {
  let went = 0;
  const deeds: Record<string, () => void> = { '?': hands.shortcuts, '/': hands.search };

  function press(event: KeyboardEvent) {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') return take(event, hands.palette);
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!hands.on() || isBusy(event.target)) return;
    const path = Date.now() - went < PATIENCE ? hands.paths()[event.key] : undefined;
    went = event.key === 'g' ? Date.now() : 0;
    if (path) return take(event, () => hands.go(path));
    const deed = deeds[event.key];
    if (deed) take(event, deed);
  }

  addEventListener('keydown', press);
  return () => removeEventListener('keydown', press);
}

function take(event: Event, deed: () => void) {
  event.preventDefault();
  deed();
}

const WRITTEN_IN = 'input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]';

/** Whether a key is meant for a field or a dialog. */
function isBusy(target: EventTarget | null): boolean {
  return (target instanceof Element && target.closest(WRITTEN_IN) !== null) || document.querySelector('dialog[open]') !== null;
}

/** Goes to the search field of the page; false if it has none. */
export function focusSearch(): boolean {
  const field = document.querySelector<HTMLElement>('main input[type=search]');
  field?.focus();
  return field !== null;
}
