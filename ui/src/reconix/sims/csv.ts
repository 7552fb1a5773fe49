import type { Sim } from '$/api/types';

/** Rows that one export fetches: more would use up a minute's requests of this user. */
export const MOST = 2_000;

const COLUMNS = [
  'msisdn', 'operator_code', 'linkage_status', 'cleanup_status', 'date_recycled', 'date_deactivated',
  'previous_owner_nin', 'previous_owner_bvn', 'risk_score', 'sim_serial', 'detection_method',
] as const satisfies readonly (keyof Sim)[];

/** The rows as CSV. Numbers keep their `+`, and no cell can become a formula. */
export function simsCsv(rows: Sim[]): string {
  const lines = rows.map((row) => COLUMNS.map((name) => cell(row[name])).join(','));
  return [COLUMNS.join(','), ...lines].join('\r\n') + '\r\n';
}

/** One cell; what a spreadsheet would run begins with an apostrophe, except a phone number. */
export function cell(value: string | number | boolean | null): string {
  let text = value === null ? '' : String(value);
  if (/^[=@\t\r+-]/.test(text) && !/^\+\d{7,15}$/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
