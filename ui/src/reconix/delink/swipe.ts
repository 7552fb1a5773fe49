/** How far a finger must go to mean it, and how far aside it may stray, in pixels. */
const FAR = 96;
const ASIDE = 48;

interface Ways {
  /** Whether a row can be swiped at all. */
  may: (row: number) => boolean;
  onright: (row: number) => void;
  onleft: (row: number) => void;
}

/**
 * A short cut for fingers on the rows of the table inside: swiping asks the same
 * question as the row's buttons. The row follows the finger, and goes back.
 */
export function swipe(root: HTMLElement, ways: Ways) {
  let now = ways;
  let from: { x: number; y: number; line: HTMLElement; row: number } | undefined;

  function down(event: PointerEvent) {
    const line = (event.target as HTMLElement).closest<HTMLElement>('tbody tr');
    if (event.pointerType !== 'touch' || !line) return;
    const row = [...(line.parentElement?.children ?? [])].indexOf(line);
    if (now.may(row)) from = { x: event.clientX, y: event.clientY, line, row };
  }

  function move(event: PointerEvent) {
    if (!from) return;
    const way = event.clientX - from.x;
    if (Math.abs(event.clientY - from.y) > ASIDE) return back();
    from.line.style.translate = `${Math.max(-FAR, Math.min(FAR, way))}px`;
  }

  function up(event: PointerEvent) {
    if (!from) return;
    const { x, row } = from;
    const way = event.clientX - x;
    back();
    if (way >= FAR) now.onright(row);
    else if (way <= -FAR) now.onleft(row);
  }

  function back() {
    if (from) from.line.style.translate = '';
    from = undefined;
  }

  root.addEventListener('pointerdown', down);
  root.addEventListener('pointermove', move);
  root.addEventListener('pointerup', up);
  root.addEventListener('pointercancel', back);
  return {
    update: (next: Ways) => void (now = next),
    destroy() {
      root.removeEventListener('pointerdown', down);
      root.removeEventListener('pointermove', move);
      root.removeEventListener('pointerup', up);
      root.removeEventListener('pointercancel', back);
    },
  };
}
