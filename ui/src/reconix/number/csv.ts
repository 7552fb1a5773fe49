/** Rows as CSV under a header. Numbers keep their `+`, and no cell can become a formula. */
export function csv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

type Cell = string | number | boolean | null | undefined;

/** One cell; what a spreadsheet would run begins with an apostrophe, except a phone number. */
export function cell(value: Cell): string {
  let text = value === null || value === undefined ? '' : String(value);
  if (/^[=@\t\r+-]/.test(text) && !/^\+\d{7,15}$/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hands a text to the browser as a file. */
export function saveFile(name: string, text: string, type = 'text/csv'): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
