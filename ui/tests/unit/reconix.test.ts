import { describe, expect, it } from 'vitest';
import type { SimDetail, Tenure } from '$/api/types';
import { lateFeeds } from '$/reconix/dashboard/late';
import { lagosToday } from '$/reconix/imports/lagos';
import { cell } from '$/reconix/number/csv';
import { filterOf, skipOf, sortOf } from '$/reconix/sims/filter';
import { riskLevel } from '$/reconix/number/faces';
import { tell } from '$/reconix/number/story';

describe('days of Lagos', () => {
  it('turn an hour before UTC’s', () => expect(lagosToday(new Date('2026-11-20T23:30:00Z'))).toBe('2026-11-21'));

  it('call a feed late when yesterday is missing', () => {
    const coverage = [
      { operator_code: 'MTN', from: '2026-10-01', to: '2026-11-20' },
      { operator_code: 'GLO', from: '2026-10-01', to: '2026-11-17' },
    ];
    expect(lateFeeds(coverage, new Date('2026-11-21T12:00:00Z'))).toEqual([{ operator: 'GLO', days: 3 }]);
  });
});

describe('the list', () => {
  it('takes its filters from the address and nothing else', () => {
    expect(filterOf(new URLSearchParams('q=1&linkage_status=active&evil=1&skip=25'))).toEqual({ q: '1', linkage_status: 'active' });
    expect(skipOf(new URLSearchParams('skip=-4'))).toBe(0);
    expect(skipOf(new URLSearchParams('skip=x'))).toBe(0);
    expect(sortOf(new URLSearchParams('sort=-risk_score'))).toBe('-risk_score');
    expect(sortOf(new URLSearchParams('sort=name;drop'))).toBe('');
  });

  it('names risk by the bounds of the domain', () => {
    expect([0, 0.39, 0.4, 0.69, 0.7, 0.99, 1].map(riskLevel)).toEqual(['low', 'low', 'medium', 'medium', 'high', 'high', 'critical']);
  });

  it('exports nothing that a spreadsheet would run', () => {
    expect(cell('+2348031234567')).toBe('+2348031234567');
    expect(cell('=1+1')).toBe("'=1+1");
    expect(cell('@x')).toBe("'@x");
    expect(cell('+cmd|x')).toBe("'+cmd|x");
    expect(cell('a "b", c')).toBe('"a ""b"", c"');
    expect(cell(null)).toBe('');
  });
});

describe('the story of a number', () => {
  const tenure = (generation: number, from: string, to: string | null, holder: string, more: Partial<Tenure> = {}): Tenure => ({
    generation, from, to, holder, operator_code: 'MTN', source: 'inventory', learnt_at: '2026-11-20T00:00:00Z',
    from_precision: 'day', to_latest: null, same_holder_as_previous: null, retracted_at: null, ...more,
  });
  const sim = (parts: Partial<SimDetail>) => ({ tenures: [], events: [], linkages: [], ...parts }) as unknown as SimDetail;

  it('tells newest first, with the gap between two holders', () => {
    const story = tell(sim({ tenures: [tenure(2, '2026-03-01', null, 'Holder B'), tenure(1, '2025-01-01', '2026-01-01', 'Holder A')] }));
    expect(story.chapters.map((c) => (c.kind === 'held' ? c.tenure.holder : c.kind === 'gap' ? c.days : c.kind))).toEqual(['Holder B', 59, 'Holder A']);
    expect(story.present?.holder).toBe('Holder B');
    expect(story.former?.holder).toBe('Holder A');
  });

  it('counts a gap from the last day on which the number may have been held', () => {
    const story = tell(sim({ tenures: [tenure(1, '2025-01-01', '2026-01-01', 'A', { to_latest: '2026-01-05' }), tenure(2, '2026-01-11', null, 'B')] }));
    expect(story.chapters[1]).toMatchObject({ kind: 'gap', from: '2026-01-05', days: 6 });
  });

  it('puts linkages and events into the time of who held the number then', () => {
    const story = tell(sim({
      tenures: [tenure(1, '2025-01-01', '2026-01-01', 'A'), tenure(2, '2026-03-01', null, 'B')],
      events: [
        { kind: 'ended', generation: 1, day: '2026-01-01', operator_code: 'MTN', learnt_at: '', note: '' },
        { kind: 'recycled', generation: 2, day: '2026-03-01', operator_code: 'MTN', learnt_at: '', note: '' },
      ],
      linkages: [
        { kind: 'NIN', number: '*1', source: 'x', linked_date: '2024-06-01', removed_date: null, is_active: true, reason: '', verdict: 'stale' },
        { kind: 'NIN', number: '*2', source: 'x', linked_date: '2026-03-02', removed_date: null, is_active: true, reason: '', verdict: 'clean' },
        { kind: 'NIN', number: '*4', source: 'x', linked_date: '2025-06-01', removed_date: null, is_active: false, reason: '', verdict: 'unchecked' },
        { kind: 'BVN', number: '*3', source: 'x', linked_date: null, removed_date: null, is_active: true, reason: '', verdict: 'review' },
      ],
    }));
    const [now, , then, before] = story.chapters;
    expect(now).toMatchObject({ events: [{ kind: 'recycled' }], linkages: [{ number: '*2' }] });
    expect(then).toMatchObject({ events: [{ kind: 'ended' }], linkages: [{ number: '*4' }] });
    expect(before).toMatchObject({ kind: 'before', linkages: [{ number: '*1' }] });
    expect(story.stale).toHaveLength(1);
  });

  it('keeps what was taken back apart, and knows nobody where nobody is', () => {
    const story = tell(sim({ tenures: [tenure(1, '2025-01-01', '2026-01-01', 'A'), tenure(2, '2026-01-02', null, 'X', { retracted_at: '2026-02-01T00:00:00Z' })] }));
    expect(story.present).toBeUndefined();
    expect(story.former?.holder).toBe('A');
    expect(story.earlier).toMatchObject([{ tenure: { holder: 'X' }, refined: false }]);
    expect(tell(sim({})).chapters).toEqual([]);
  });

  it('knows a statement that was told more exactly from one that was wrong', () => {
    const story = tell(sim({ tenures: [tenure(1, '2025-01-01', null, 'A', { retracted_at: '2026-02-01T00:00:00Z' }), tenure(1, '2025-01-01', '2026-01-01', 'A')] }));
    expect(story.earlier).toMatchObject([{ refined: true }]);
  });

  it('walks back over the breaks of one holder to where somebody else held it', () => {
    const story = tell(sim({
      tenures: [
        tenure(1, '2020-01-01', '2021-01-01', 'A'),
        tenure(2, '2022-01-01', '2023-01-01', 'B'),
        tenure(3, '2023-06-01', null, 'B', { same_holder_as_previous: true }),
      ],
    }));
    expect(story.began?.from).toBe('2022-01-01');
    expect(story.former?.holder).toBe('A');
  });
});
