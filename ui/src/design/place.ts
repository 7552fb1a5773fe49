/** Which way something that hangs on an element opens, so that it stays in the window. */
export interface Placing {
  /** The edge that both share. */
  align: 'start' | 'end';
  up: boolean;
}

/** Looks where an element stands; `room` is the height that is wanted below it. */
export function placing(element: Element, room: number): Placing {
  const box = element.getBoundingClientRect();
  return {
    align: (box.left + box.right) / 2 > innerWidth / 2 ? 'end' : 'start',
    up: box.bottom + room > innerHeight && box.top > innerHeight - box.bottom,
  };
}
