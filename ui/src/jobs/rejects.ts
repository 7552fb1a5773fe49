/** A row that a job refused, and why. */
export interface Reject {
  line: string;
  column: string;
  code: string;
  message: string;
}

/** One reason, with how many of the rows that were looked at have it. */
export interface Reason extends Omit<Reject, 'line'> {
  count: number;
  /** The first line that has it. */
  line: string;
}

/** Reasons that are shown; the whole list is in the file. */
export const MOST = 20;

/** The reasons in the beginning of an `errors.csv`, the most frequent first. */
export function reasons(text: string, whole: boolean): Reason[] {
  const found = new Map<string, Reason>();
  for (const { line, column, code, message } of rows(text, whole)) {
    const key = `${column}\n${code}\n${message}`;
    const known = found.get(key);
    if (known) known.count++;
    else found.set(key, { column, code, message, line, count: 1 });
  }
  return [...found.values()].sort((a, b) => b.count - a.count).slice(0, MOST);
}

/** Splits `line,column,code,message`; of a list that was cut off, the last row is left out. */
function rows(text: string, whole: boolean): Reject[] {
  const lines = text.split('\r\n');
  // What follows the last line end is a piece of a row, or nothing.
  const last = lines.pop();
  if (whole && last) lines.push(last);
  return lines.slice(1).flatMap((line) => {
    const [at = '', column = '', code = '', message = ''] = cells(line);
    return at ? [{ line: at, column, code, message }] : [];
  });
}

function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((m) => (m[1] ?? m[2] ?? '').replaceAll('""', '"'));
}
