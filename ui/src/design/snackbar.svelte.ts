/** A short word at the foot of the page, with at most one deed. */
export interface Note {
  id: number;
  text: string;
  tone: 'plain' | 'bad';
  /** A link, or something to be done here. */
  action?: { label: string; href: string } | { label: string; run: () => void };
}

/** How long a note stays, in milliseconds; one with a deed stays until it is closed or used. */
const STAY = 6_000;

/** The notes that are on the screen, oldest first. */
export const notes = $state<Note[]>([]);
let last = 0;

/** Shows a note; more than three push out the oldest. */
export function notify(text: string, rest: Partial<Omit<Note, 'id' | 'text'>> = {}): void {
  const note: Note = { id: ++last, text, tone: 'plain', ...rest };
  notes.push(note);
  if (notes.length > 3) notes.shift();
  if (!note.action) setTimeout(() => dismiss(note.id), STAY);
}

/** Takes a note away. */
export function dismiss(id: number): void {
  const at = notes.findIndex((n) => n.id === id);
  if (at >= 0) notes.splice(at, 1);
}
