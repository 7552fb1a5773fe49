import type { Sim } from '$/api/types';
import { csv } from '$/reconix/number/csv';

/** Rows that one export fetches: more would use up a minute's requests of this user. */
export const MOST = 2_000;

const COLUMNS = [
  'msisdn', 'operator_code', 'linkage_status', 'cleanup_status', 'date_recycled', 'date_deactivated',
  'previous_owner_nin', 'previous_owner_bvn', 'risk_score', 'sim_serial', 'detection_method',
] as const satisfies readonly (keyof Sim)[];

/** The records as a file for a spreadsheet. */
export function simsCsv(rows: Sim[]): string {
  return csv(COLUMNS, rows.map((row) => COLUMNS.map((name) => row[name])));
}
