// Made-up answers in the shapes of the REST contract. No number here is anyone's.
export const operators = [
  { code: 'MTN', name: 'MTN Nigeria' },
  { code: 'AIRTEL', name: 'Airtel Nigeria' },
  { code: 'GLO', name: 'Globacom' },
  { code: 'T2', name: 'T2 (9mobile)' },
];

export const permissions = [
  'sim:read', 'sim:write', 'sim:delete', 'sim:bulk_upload', 'sim:detect', 'linkage:read', 'linkage:write',
  'delink:read', 'audit:read', 'dashboard:read', 'pii:reveal', 'user:manage',
];

const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
const pick = (list, i) => list[i % list.length];

export function makeSims(count) {
  return Array.from({ length: count }, (_, i) => {
    const linkage = pick(['active', 'orphaned', 'active', 'resolved', 'orphaned', 'disputed'], i);
    return {
      id: `sim_${String(i).padStart(8, '0')}`,
      sim_serial: `8923401000000${String(100000 + i * 7)}`,
      msisdn: `+23480${30000000 + ((i * 7919) % 9999999)}`,
      imsi: `62130${String(1000000000 + i * 31)}`,
      operator_code: pick(operators, i * 3).code,
      date_recycled: day(1 + (i % 28)),
      date_deactivated: i % 7 ? day(40 + (i % 50)) : null,
      previous_owner_nin: i % 3 ? `*******${1000 + i}` : null,
      previous_owner_name: 'A***** B****',
      previous_owner_bvn: i % 2 ? `*******${5000 + i}` : null,
      previous_nin_linked: i % 3 > 0,
      previous_bvn_linked: i % 2 > 0,
      new_registration_status: 'registered',
      linkage_status: linkage,
      cleanup_status: pick(['pending', 'pending', 'in_progress', 'completed', 'failed'], i),
      detection_method: 'reconciliation',
      risk_score: pick([0, 0.3, 0.5, 0.7, 1], i),
      created_at: new Date().toISOString(),
      updated_at: new Date().toISOString(),
    };
  });
}

export function detail(sim) {
  const now = new Date().toISOString();
  return {
    ...sim,
    status: sim.linkage_status === 'active' ? 'CONFLICTED' : 'RECYCLED',
    risk_level: sim.risk_score >= 1 ? 'critical' : sim.risk_score >= 0.7 ? 'high' : sim.risk_score >= 0.4 ? 'medium' : 'low',
    risk_parts: [
      { code: 'quick_reuse', weight: 0.4, counted: sim.risk_score >= 0.4 },
      { code: 'bvn_linked', weight: 0.3, counted: sim.previous_bvn_linked },
      { code: 'nin_unconfirmed', weight: 0.2, counted: false },
      { code: 'operator_report', weight: 0.1, counted: false },
    ],
    linkages: [
      { kind: 'NIN', number: '*******4821', source: 'nimc', linked_date: day(700), is_active: true, verdict: 'stale', reason: 'It was linked before the present holder began.' },
      { kind: 'BVN', number: '*******7710', bank_code: '058', source: 'nibss', linked_date: day(650), is_active: true, verdict: 'stale', reason: 'It was linked before the present holder began.' },
      { kind: 'NIN', number: '*******3390', source: 'nimc', linked_date: day(10), is_active: true, verdict: 'clean', reason: 'It belongs to the present holder.' },
      { kind: 'BVN', number: '*******9001', bank_code: '011', source: 'nibss', linked_date: null, is_active: true, verdict: 'review', reason: 'Its day is not known.' },
    ],
    tenures: [
      { generation: 1, from: day(900), from_precision: 'day', to: day(80), to_latest: day(78), operator_code: 'AIRTEL', holder: 'Holder A', same_holder_as_previous: null, source: 'inventory', learnt_at: now, retracted_at: null },
      { generation: 2, from: day(60), from_precision: 'day', to: day(45), to_latest: null, operator_code: 'AIRTEL', holder: 'Holder C', same_holder_as_previous: false, source: 'report', learnt_at: now, retracted_at: now },
      { generation: 3, from: day(12), from_precision: 'day', to: null, to_latest: null, operator_code: 'MTN', holder: 'Holder B', same_holder_as_previous: false, source: 'inventory', learnt_at: now, retracted_at: null },
    ],
    events: [
      { kind: 'activated', generation: 1, day: day(900), operator_code: 'AIRTEL', learnt_at: now, note: null },
      { kind: 'swap', generation: 1, day: day(400), operator_code: 'AIRTEL', learnt_at: now, note: null },
      { kind: 'ended', generation: 1, day: day(80), operator_code: 'AIRTEL', learnt_at: now, note: null },
      { kind: 'recycled', generation: 3, day: day(12), operator_code: 'MTN', learnt_at: now, note: null },
    ],
    requests: [],
    history: [{ id: 'aud_1', at: now, actor: 'ada@example.ng', action: 'sims.read', result: 'ok' }],
  };
}

export function stats(sims, loaded) {
  const count = (test) => sims.filter(test).length;
  return {
    total_recycled_sims: sims.length,
    total_cleanup_pending: count((s) => s.cleanup_status === 'pending'),
    total_cleanup_in_progress: count((s) => s.cleanup_status === 'in_progress'),
    total_cleanup_completed: count((s) => s.cleanup_status === 'completed'),
    total_cleanup_failed: count((s) => s.cleanup_status === 'failed'),
    active_nin_linkages: loaded ? 1_930_221 : 0,
    active_bvn_linkages: loaded ? 1_204_118 : 0,
    total_delink_requests: 0,
    numbers_known: loaded ? 2_412_480 : 0,
    recycled_with_stale_nin: count((s) => s.linkage_status === 'active' && s.previous_nin_linked),
    recycled_with_stale_bvn: count((s) => s.linkage_status === 'active' && s.previous_bvn_linked),
    stale_linkages: count((s) => s.linkage_status === 'active') * 2,
    review_linkages: count((s) => s.linkage_status === 'disputed'),
    by_operator: loaded
      ? operators.map((o, i) => ({
          operator_code: o.code,
          name: o.name,
          numbers: 900_000 - i * 200_000,
          recycled: count((s) => s.operator_code === o.code),
          stale: count((s) => s.operator_code === o.code && s.linkage_status === 'active'),
        }))
      : [],
    by_risk: { low: count((s) => s.risk_score < 0.4), medium: count((s) => s.risk_score === 0.5), high: count((s) => s.risk_score === 0.7), critical: count((s) => s.risk_score >= 1) },
    coverage: loaded ? operators.map((o, i) => ({ operator_code: o.code, from: day(30), to: day(i === 2 ? 4 : 1) })) : [],
    last_import_at: loaded ? new Date().toISOString() : null,
    running_jobs: 0,
  };
}

export function trends(days) {
  return {
    days,
    series: Array.from({ length: days }, (_, i) => ({
      date: day(days - i),
      recycled: 120 + ((i * 37) % 60),
      same_holder: 20 + ((i * 17) % 15),
      ported: 60 + ((i * 29) % 30),
      swapped: 90 + ((i * 11) % 40),
      resolved: 10 + ((i * 23) % 70),
    })),
  };
}

/** What the importer would make of any file that is dropped here. */
export const preview = {
  kind: 'inventory',
  read_as: 'inventory',
  format: { compression: '', encoding: 'UTF-8', delimiter: 'comma', quoted: false, line_end: 'LF', header_line: 1, dates: 'YYYY-MM-DD' },
  columns: [
    { position: 1, title: 'MSISDN', field: 'MSISDN', sample: '+2348031234567' },
    { position: 2, title: 'ACTIVATION_DATE', field: 'ACTIVATION_DATE', sample: '2026-01-31' },
    { position: 3, title: 'SUBSCRIBER_NAME', field: 'SUBSCRIBER_NAME', sample: 'A*** B***' },
  ],
  fields: [
    { name: 'MSISDN', required: true },
    { name: 'ACTIVATION_DATE', required: true },
    { name: 'SUBSCRIBER_NAME', required: false },
  ],
  rows: [['+2348031234567', '2026-01-31', 'A*** B***']],
  rows_estimated: 120000,
  problems: [],
};

export const banks = [
  { code: '044', name: 'Access Bank', valid_from: null, valid_to: null },
  { code: '058', name: 'Guaranty Trust Bank', valid_from: null, valid_to: null },
];

/** Linkages of a kind, one for each of some numbers. */
export function linkages(kind, sims) {
  return sims.slice(0, 60).map((sim, i) => ({
    id: `lnk_${kind}_${i}`, msisdn: sim.msisdn, kind: kind.toUpperCase(), [kind]: `120****${1000 + i}`, ...(kind === 'bvn' && { bank_code: pick(banks, i).code }),
    source: kind === 'bvn' ? 'NIBSS' : 'NIMC', linked_date: i % 5 ? day(400 + i) : null, removed_date: null, is_active: true,
    verdict: pick(['clean', 'stale', 'clean', 'review', 'unchecked'], i), reason: '', reported_at: new Date().toISOString(), checked_at: null,
  }));
}

/** What sources say against each other. */
export function conflicts(sims) {
  return sims.slice(0, 30).map((sim) => ({
    msisdn: sim.msisdn, operator_code: sim.operator_code, status: 'CONFLICTED', confidence_score: 0.42,
    conflicts: [{
      field: 'holder', verdict: 'stale', reason: 'It was linked before the present holder began.',
      sides: [{ source: 'NIMC', says: `The NIN 120****4821 is linked since ${day(700)}.` }, { source: sim.operator_code, says: `The present holder has the number since ${day(12)}.` }],
    }],
  }));
}

/** What a number's identity is now: every number here changed hands twelve days ago. */
export function view(number) {
  return {
    msisdn: number.replace(/^0/, '+234'), status: 'CONFLICTED', is_recycled: true, active_nin_linkages: 1, active_bvn_linkages: 1, can_assign_to_new_user: false,
    blockers: [`The number is in use since ${day(12)}.`, '2 linkages are of a former holder.'], cleanup_status: 'pending', operator_code: 'MTN', holder_since: day(12),
    evidence: 'tenure+linkage', coverage: { operator_code: 'MTN', from: day(30), to: day(1) }, as_of: new Date().toISOString(),
  };
}

/** Whether it changed hands since a day. */
export function check(number, since) {
  const yes = since < day(12) ? 'yes' : 'no';
  return {
    msisdn: number.replace(/^0/, '+234'), since, recycled: yes, reassigned: yes, status: 'CONFLICTED', operator_code: 'MTN',
    evidence: [`Tenure 2 (MTN) began on ${day(12)}; another holder.`], coverage: { operator_code: 'MTN', from: day(30), to: day(1) }, as_of: new Date().toISOString(),
  };
}
