import type { FileFault, FileKind, FilePreview } from '$/api/types';

/** What a person chooses a file to be taken as. */
export type Kind = 'inventory' | 'linkages' | 'sims';

/** Bytes of a file that the server is shown before it is sent. */
export const HEAD = 256 * 1024;

export type Order = '' | 'dmy' | 'mdy';

/** What a person says of a file's columns and dates. */
export interface Reading {
  /** What each column of the file is, by its position; only what the person changed anything of. */
  fields: Record<number, string> | undefined;
  order: Order;
}

export const untouched: Reading = { fields: undefined, order: '' };

/** The day and the operator that a file's name tells, `MTN_2026-11-20.csv.gz`. */
export function hints(name: string, operators: string[]): { day?: string; operator?: string } {
  const date = /(20\d\d)[-_]?(0[1-9]|1[0-2])[-_]?(0[1-9]|[12]\d|3[01])(?!\d)/.exec(name);
  const words = name.toUpperCase().split(/[^A-Z0-9]+/);
  return {
    day: date ? `${date[1]}-${date[2]}-${date[3]}` : undefined,
    operator: operators.find((code) => words.includes(code.toUpperCase())),
  };
}

/** Kinds that are sent as an inventory is: the header tells them apart. */
const rowKinds: readonly FileKind[] = ['events', 'tenures'];

/** What a file is read as. */
export function readAs(kind: Kind, seen: FilePreview | undefined): FileKind {
  const found = seen?.kind;
  return kind === 'inventory' && found && found !== 'unknown' && rowKinds.includes(found) ? found : kind;
}

/** What a person chooses when a file looks like something; undefined when it cannot be sent here. */
export function kindOf(seen: FilePreview): Kind | undefined {
  if (seen.kind === 'events' || seen.kind === 'tenures') return 'inventory';
  return seen.kind === 'unknown' || seen.kind === 'checks' ? undefined : seen.kind;
}

/** What each column is taken for, as the preview has it. */
export function fieldsOf(seen: FilePreview): Record<number, string> {
  return Object.fromEntries(seen.columns.map((c) => [c.position, c.field]));
}

/** One column taken for something else: what it was taken for before loses it. */
export function choose(fields: Record<number, string>, position: number, field: string): Record<number, string> {
  const kept = Object.entries(fields).map(([at, one]) => [at, one === field ? '' : one]);
  return { ...Object.fromEntries(kept), [position]: field };
}

/** The `columns` of a request: every field with its position, or 0 where the file has none. */
export function columnsText(fields: Record<number, string> | undefined, all: FilePreview['fields']): string {
  if (!fields) return '';
  const at = new Map(Object.entries(fields).map(([position, field]) => [field, position]));
  return all
    .filter((field) => !field.required || at.has(field.name))
    .map((field) => `${field.name}:${at.get(field.name) ?? 0}`)
    .join(',');
}

/** What must be in the file and is not placed yet. */
export function lacking(fields: Record<number, string>, all: FilePreview['fields']): string[] {
  const placed = new Set(Object.values(fields));
  return all.filter((field) => field.required && !placed.has(field.name)).map((field) => field.name);
}

/** Refusals that only the whole file can settle: its beginning may look worse than it is. */
const SETTLED_LATER = new Set(['AMBIGUOUS_DATES', 'MIXED_DATES', 'NO_DATES']);

/** Whether there is no use in sending the file as it is read now. */
export function hopeless(seen: FilePreview): boolean {
  return seen.problems.some(stops);
}

/** Whether a problem keeps the file from being taken, whatever comes after its beginning. */
export function stops(problem: FileFault): boolean {
  return problem.refused && !SETTLED_LATER.has(problem.code);
}

const PLACE = 'reconexus.columns';

/** One way of reading for each kind of file and operator, kept for files with the same titles. */
interface Kept extends Reading {
  titles: string;
}

const titlesOf = (seen: FilePreview) => seen.columns.map((c) => c.title).join('\n');
const keyOf = (kind: Kind, operator: string) => `${kind}/${kind === 'inventory' ? operator : ''}`;

/** Keeps what a person said of a file on this device, for the next one like it. */
export function remember(kind: Kind, operator: string, seen: FilePreview, reading: Reading): void {
  const all = kept();
  const key = keyOf(kind, operator);
  if (reading.fields || reading.order) all[key] = { ...reading, titles: titlesOf(seen) };
  else delete all[key];
  try {
    localStorage.setItem(PLACE, JSON.stringify(all));
  } catch {
    // Storage is off: it is asked for again with the next file.
  }
}

/** What was said of the last file like this one. */
export function recall(kind: Kind, operator: string, seen: FilePreview): Reading | undefined {
  const found = kept()[keyOf(kind, operator)];
  if (found?.titles !== titlesOf(seen)) return undefined;
  return { fields: found.fields, order: found.order };
}

function kept(): Record<string, Kept> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(PLACE) ?? '{}');
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? { ...found } : {};
  } catch {
    return {};
  }
}
