/** What a file can be taken as. */
export type Kind = 'inventory' | 'linkages' | 'sims';

/** The first rows of a file, read on this machine before anything is sent. */
export interface Preview {
  header: string[];
  /** At most {@link ROWS}; personal numbers are masked. */
  rows: string[][];
  /** Rows in the whole file, estimated from its size; undefined for a compressed file. */
  estimate: number | undefined;
  /** What the header looks like, if it looks like anything known. */
  kind: Kind | undefined;
}

/** Rows that are shown. */
export const ROWS = 5;
/** Bytes that are read for them. */
const HEAD = 64 * 1024;

/** Reads the beginning of a file, compressed or not. */
export async function preview(file: File): Promise<Preview> {
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const packed = head[0] === 0x1f && head[1] === 0x8b;
  const plain = packed ? await inflate(head) : head;
  const text = decode(plain);
  const { header, rows } = table(text);
  const perRow = plain.length / Math.max(1, countLines(text));
  return {
    header,
    rows: rows.slice(0, ROWS).map((row) => row.map((value, i) => mask(header[i] ?? '', value))),
    estimate: packed ? undefined : Math.max(0, Math.round(file.size / perRow) - 1),
    kind: kindOf(header),
  };
}

/** What a header speaks of; synonyms are the server's business, these are the plain names. */
export function kindOf(header: string[]): Kind | undefined {
  const names = new Set(header.map(plainName));
  if (names.has('KIND') && names.has('NUMBER')) return 'linkages';
  if ([...names].some((n) => n.startsWith('PREVIOUS_'))) return 'sims';
  if (names.has('MSISDN') && names.has('ACTIVATION_DATE')) return 'inventory';
  return undefined;
}

/** The day and the operator that a file's name tells, `MTN_2026-11-20.csv.gz`. */
export function hints(name: string, operators: string[]): { day?: string; operator?: string } {
  const date = /(20\d\d)[-_]?(0[1-9]|1[0-2])[-_]?(0[1-9]|[12]\d|3[01])(?!\d)/.exec(name);
  const words = name.toUpperCase().split(/[^A-Z0-9]+/);
  return {
    day: date ? `${date[1]}-${date[2]}-${date[3]}` : undefined,
    operator: operators.find((code) => words.includes(code.toUpperCase())),
  };
}

/** Splits the beginning of a CSV; a last line that was cut off is left out. */
export function table(text: string): { header: string[]; rows: string[][] } {
  const lines = records(text, delimiterOf(text));
  if (lines.length > 1 && text.length >= HEAD / 2) lines.pop();
  const [header = [], ...rows] = lines;
  return { header, rows };
}

/** Hides all but the last four digits in columns that hold a NIN or a BVN. */
export function mask(column: string, value: string): string {
  const personal = /NIN|BVN|^NUMBER$|IDENTITY/.test(plainName(column)) && !/MSISDN/.test(plainName(column));
  return personal ? value.replace(/\d(?=\d{4})/g, '*') : value;
}

const plainName = (name: string) => name.trim().toUpperCase().replace(/[\s-]+/g, '_');

/** The separator that the first line holds most of. */
function delimiterOf(text: string): string {
  const first = text.slice(0, text.search(/\r?\n|$/));
  const counted = [',', ';', '\t', '|'].map((d) => [d, first.split(d).length] as const);
  return counted.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

function records(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') field += text[i++];
      else quoted = false;
    } else if (c === '"' && field === '') quoted = true;
    else if (c === delimiter) {
      row.push(field.trim());
      field = '';
    } else if (c === '\n') {
      rows.push([...row, field.trim()]);
      row = [];
      field = '';
    } else field += c;
  }
  if (field || row.length) rows.push([...row, field.trim()]);
  return rows.filter((r) => r.some((value) => value !== ''));
}

function decode(bytes: Uint8Array): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** Unpacks what a cut-off gzip gives; its missing end is no error here. */
async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const body = new Response(bytes).body ?? new ReadableStream();
  const reader = body.pipeThrough(new DecompressionStream('gzip')).getReader();
  const chunks: number[] = [];
  try {
    while (chunks.length < HEAD) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(...value.subarray(0, HEAD - chunks.length));
    }
  } catch {
    // The slice ends in the middle of the stream; what came before it is good.
  }
  await reader.cancel().catch(() => undefined);
  return Uint8Array.from(chunks);
}
