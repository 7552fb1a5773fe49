import type { Conflict, LinkageStatus, NumberStatus, RiskLevel, Verdict } from '$/api/types';
import type { IconName } from '$/design/icons';

interface Face {
  tone: 'neutral' | 'info' | 'good' | 'warn' | 'bad' | 'special';
  icon: IconName;
}

/** How the state of a number's linkages looks. */
export const linkageFaces: Record<LinkageStatus, Face> = {
  active: { tone: 'bad', icon: 'warning' },
  orphaned: { tone: 'neutral', icon: 'check' },
  resolved: { tone: 'good', icon: 'check' },
  disputed: { tone: 'special', icon: 'person' },
};

/** How the status of a number looks. */
export const statusFaces: Record<NumberStatus, Face> = {
  ACTIVE: { tone: 'good', icon: 'check' },
  RECYCLED: { tone: 'info', icon: 'recycle' },
  CONFLICTED: { tone: 'bad', icon: 'warning' },
  BLOCKED: { tone: 'special', icon: 'lock' },
  AVAILABLE: { tone: 'neutral', icon: 'check' },
  UNKNOWN: { tone: 'neutral', icon: 'help' },
};

/** How a level of risk looks. */
export const riskFaces: Record<RiskLevel, Face> = {
  low: { tone: 'neutral', icon: 'info' },
  medium: { tone: 'warn', icon: 'info' },
  high: { tone: 'bad', icon: 'warning' },
  critical: { tone: 'bad', icon: 'error' },
};

/** How the judgement of one linkage looks. */
export const verdictFaces: Record<Verdict, Face> = {
  unchecked: { tone: 'neutral', icon: 'clock' },
  clean: { tone: 'good', icon: 'check' },
  stale: { tone: 'bad', icon: 'warning' },
  review: { tone: 'special', icon: 'person' },
  no_data: { tone: 'neutral', icon: 'help' },
};

/** How something looks on which sources disagree. */
export const conflictFaces: Record<Conflict['verdict'], Face> = {
  stale: { tone: 'bad', icon: 'warning' },
  review: { tone: 'special', icon: 'person' },
  disagreement: { tone: 'warn', icon: 'swap' },
};

/** The level of a risk score: low < 0.4 ≤ medium < 0.7 ≤ high < 1 ≤ critical. */
export function riskLevel(score: number): RiskLevel {
  if (score >= 1) return 'critical';
  if (score >= 0.7) return 'high';
  return score >= 0.4 ? 'medium' : 'low';
}
