/** Letters of Hausa that Unicode does not take apart. */
const HOOKED: Record<string, string> = { ɓ: 'b', ɗ: 'd', ƙ: 'k', ƴ: 'y' };

/** A text as somebody types it who has no marks on the keyboard: small letters without hooks, dots and tones. */
export function plain(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[ɓɗƙƴ]/g, (letter) => HOOKED[letter] ?? letter);
}

/**
 * How well a text fits what was typed, or undefined when it does not: every
 * word must be found, best at the beginning, then at the beginning of a word,
 * then inside one, and at last as letters in order.
 */
export function fit(text: string, typed: string): number | undefined {
  const hay = plain(text);
  let sum = 0;
  for (const word of plain(typed).split(/\s+/).filter(Boolean)) {
    const one = fitWord(hay, word);
    if (one === undefined) return undefined;
    sum += one;
  }
  return sum;
}

function fitWord(hay: string, word: string): number | undefined {
  if (hay.startsWith(word)) return 4;
  if (new RegExp(`[^\\p{L}\\p{N}]${escape(word)}`, 'u').test(hay)) return 3;
  if (hay.includes(word)) return 2;
  return inOrder(hay, word) ? 1 : undefined;
}

const escape = (word: string) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

function inOrder(hay: string, word: string): boolean {
  let at = 0;
  for (const letter of word) {
    at = hay.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
