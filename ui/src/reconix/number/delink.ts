import type { DelinkState } from '$/api/types';
import type { IconName } from '$/design/icons';

export interface Face {
  tone: 'neutral' | 'info' | 'good' | 'warn' | 'bad' | 'special';
  icon: IconName;
}

const faces: Record<DelinkState, Face> = {
  submitted: { tone: 'warn', icon: 'clock' },
  operator_approved: { tone: 'info', icon: 'check' },
  awaiting_bank_approval: { tone: 'warn', icon: 'bank' },
  bank_approved: { tone: 'info', icon: 'check' },
  awaiting_nimc_notification: { tone: 'info', icon: 'clock' },
  execution_in_progress: { tone: 'info', icon: 'play' },
  completed: { tone: 'good', icon: 'check' },
  rejected: { tone: 'neutral', icon: 'close' },
  cancelled: { tone: 'neutral', icon: 'close' },
  failed: { tone: 'bad', icon: 'warning' },
  disputed: { tone: 'special', icon: 'conflict' },
  rolled_back: { tone: 'neutral', icon: 'undo' },
};

/** How the state of a delink request looks; one that is not known yet looks plain. */
export function lookOf(state: DelinkState): Face {
  return faces[state] ?? { tone: 'neutral', icon: 'help' };
}
