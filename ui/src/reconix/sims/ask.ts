import type { DelinkType, SimDetail } from '$/api/types';

/** What somebody asks for. */
export interface Ask {
  kind: DelinkType;
  reason: string;
  /** Whether linkages whose dates do not tell whose they are count too. */
  review: boolean;
}

/** The kind that fits what is known of a number. */
export function guess(sim: SimDetail): DelinkType {
  const left = (kind: 'NIN' | 'BVN') => sim.linkages.some((l) => l.kind === kind && l.is_active && l.verdict !== 'clean');
  const nin = left('NIN') || sim.previous_nin_linked;
  const bvn = left('BVN') || sim.previous_bvn_linked;
  return nin === bvn ? 'both' : nin ? 'nin' : 'bvn';
}
