import type { CleanupStatus, LinkageStatus, Sim } from '$/api/types';

/** What the statuses of a record may be, in the order in which they usually come. */
export const LINKAGES: readonly LinkageStatus[] = ['active', 'disputed', 'resolved', 'orphaned'];
export const CLEANUPS: readonly CleanupStatus[] = ['pending', 'in_progress', 'completed', 'failed'];
export const REGISTRATIONS: readonly string[] = ['unknown', 'pending', 'verified', 'unverified'];

/** What a person may change of a record. */
export const CHANGEABLE = ['linkage_status', 'cleanup_status', 'new_registration_status'] as const;
export type Changeable = Record<(typeof CHANGEABLE)[number], string>;

/** The changeable part of a record. */
export function changeable(sim: Sim): Changeable {
  return {
    linkage_status: sim.linkage_status,
    cleanup_status: sim.cleanup_status,
    new_registration_status: sim.new_registration_status ?? 'unknown',
  };
}

/** What of it differs: only this is sent, so that what nobody touched is nobody's change. */
export function changed(from: Changeable, to: Changeable): Partial<Changeable> {
  return Object.fromEntries(CHANGEABLE.filter((name) => from[name] !== to[name]).map((name) => [name, to[name]]));
}
