/** The letters of a WOFF2 font, each as a string of one code point. */
export function lettersOf(font: Buffer): Set<string>;
