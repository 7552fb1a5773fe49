/**
 * The shapes that the server answers with, written by hand from the REST
 * contract until `/openapi.json` is stable enough to generate them.
 */

/** A page of a list, as every list route answers it. */
export interface List<T> {
  items: T[];
  total: number;
  skip: number;
  limit: number;
}

/** A calendar day in Lagos, `2026-11-20`. */
export type Day = string;
/** An instant in UTC, RFC 3339. */
export type Instant = string;

export type Role = 'admin' | 'operator' | 'bank' | 'auditor' | 'api_client';

export interface Me {
  id: string;
  email: string;
  full_name: string;
  role: Role;
  operator_code?: string;
  bank_code?: string;
  permissions: string[];
  csrf_token?: string;
  last_login?: Instant | null;
}

/** What a sign-in answers when the tokens travel as cookies. */
export interface CookieGrant {
  csrf_token: string;
  expires_in: number;
  token_type: 'Cookie';
}

export interface Session {
  id: string;
  /** The session of this window. */
  current: boolean;
  address: string;
  /** The User-Agent that signed in. */
  agent: string;
  created_at: Instant;
  /** When it last renewed its tokens. */
  seen_at: Instant;
  expires_at: Instant;
}

/** A former or other name, and when it was in use. */
export interface Alias {
  name: string;
  from: Day | null;
  to: Day | null;
}

/** An account as administrators see it. */
export interface User {
  id: string;
  email: string;
  full_name: string;
  role: Role;
  operator_code?: string;
  bank_code?: string;
  /** Beyond the role's. */
  grants: string[];
  /** Everything that it may do. */
  permissions: string[];
  disabled: boolean;
  last_login?: Instant;
  created_at: Instant;
  updated_at: Instant;
  version: number;
}

/** A machine's key, never its secret. */
export interface ApiKey {
  id: string;
  name: string;
  scopes: string[];
  operator_code?: string;
  bank_code?: string;
  /** The one number that it speaks for. */
  msisdn?: string;
  /** 0 is the usual limit. */
  per_minute: number;
  created_by: string;
  created_at: Instant;
  expires_at: Instant;
  last_used_at?: Instant;
  version: number;
}

/** A receiver of webhooks, never its secret. */
export interface Webhook {
  id: string;
  subscriber_name: string;
  callback_url: string;
  /** Types, or `*` for all. */
  events: string[];
  state: 'active' | 'paused' | 'ended';
  /** Why it is paused or has ended, where nobody chose it. */
  reason?: string;
  operator_code?: string;
  bank_code?: string;
  waiting: number;
  dead: number;
  old_secret_until?: Instant;
  created_by: string;
  created_at: Instant;
  updated_at: Instant;
  version: number;
}

/** One event on its way to one receiver. */
export interface WebhookDelivery {
  id: string;
  subscription_id: string;
  webhook_id: string;
  type: string;
  state: 'waiting' | 'delivered' | 'dead';
  attempts: number;
  /** HTTP status of the last answer; 0 when none came. */
  status: number;
  trouble?: string;
  next_attempt_at: Instant | null;
  took_ms: number;
  created_at: Instant;
  attempted_at: Instant | null;
}

/** A permission or a scope, in the server's words. */
export interface Right {
  code: string;
  what: string;
  /** Reaches beyond one operator or bank. */
  wide: boolean;
}

export interface Roles {
  items: { role: Role; what: string; permissions: string[] }[];
  permissions: Right[];
  scopes: Right[];
}

export type AuditResult = 'done' | 'failed' | 'denied';

/** One entry of the audit log. */
export interface AuditLine {
  /** Its place in the log. */
  seq: number;
  at: Instant;
  actor: string;
  name: string;
  role: string;
  address: string;
  action: string;
  object: string;
  result: AuditResult;
  request: string;
  /** `x_before` stands beside `x` where something was changed. */
  detail: Record<string, unknown>;
}

/** A signed head of the audit log. */
export interface Checkpoint {
  size: number;
  note: string;
  key: string;
}

/** What a verification of the audit log found; without faults the log is whole. */
export interface AuditReport {
  size: number;
  dropped: number;
  checkpoints: number;
  head: string;
  faults: string[];
}

export type SettingSource = 'default' | 'file' | 'credential' | 'environment' | 'flag' | 'vault';

export interface Setting {
  key: string;
  /** Empty for a secret, set or not. */
  value: string;
  source: string;
  kind: SettingSource;
  help: string;
  env: string;
  secret: boolean;
  set: boolean;
}

export interface Settings {
  items: Setting[];
  warnings: string[];
  file: string;
}

export interface About {
  version: string;
  commit: string;
  go: string;
  platform: string;
  started_at: Instant;
  uptime_seconds: number;
  parts: { name: 'store' | 'jobs' | 'live' | 'disk'; ok: boolean; counts?: Record<string, number> }[];
  schema: number;
  modules: { path: string; version: string }[];
  /** For administrators: where the data are, in bytes. */
  place?: {
    folder: string;
    database_bytes: number;
    jobs_bytes: number;
    cache_bytes: number;
    other_bytes: number;
    free_bytes: number;
    disk_bytes: number;
  };
}

export interface Operator {
  code: string;
  name: string;
  /** Network code under MCC 621; empty when it has none. */
  mnc: string;
  aliases: Alias[];
  /** Of a virtual operator: the network that carries it. */
  host_code?: string;
  valid_from: Day | null;
  /** First day on which it was no operator any more. */
  valid_to: Day | null;
}

export interface Bank {
  /** The code that the Central Bank gave it. */
  code: string;
  name: string;
  valid_from: Day | null;
  valid_to: Day | null;
}

export type JobState = 'queued' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled';

export interface Job {
  id: string;
  kind: string;
  title: string;
  /** What it does at the moment, in words. */
  stage: string;
  state: JobState;
  /** A total of 0 is not known yet. */
  progress: { done: number; total: number; unit: string; per_second: number };
  result: Record<string, unknown> | null;
  /** Why it failed, waits or is tried again. */
  error: string | null;
  operator_code?: string;
  /** Id of who started it; `system` is the box itself. */
  created_by?: string;
  created_at: Instant;
  started_at: Instant | null;
  finished_at: Instant | null;
}

export interface JobRef {
  job_id: string;
}

export interface Feed {
  operator_code: string;
  day: Day;
  state: string;
  rows: number;
  rejected: number;
  changed: number;
  job_id: string;
  file_name: string;
  digest: string;
  received_at: Instant;
}

export type FileKind = 'inventory' | 'events' | 'tenures' | 'linkages' | 'sims' | 'checks';

/** What the importer would make of a file, by its beginning; what is somebody's own comes masked. */
export interface FilePreview {
  kind: FileKind | 'unknown';
  read_as: FileKind;
  format: {
    compression: '' | 'gzip';
    encoding: string;
    delimiter: '' | 'comma' | 'semicolon' | 'tab' | 'bar';
    quoted: boolean;
    line_end: string;
    /** 0 when the file has no header. */
    header_line: number;
    /** How dates are written; empty while that is not decided. */
    dates: string;
  };
  columns: { position: number; title: string; field: string; sample: string }[];
  fields: { name: string; required: boolean }[];
  rows: string[][];
  rows_estimated: number;
  problems: FileFault[];
}

export interface FileFault {
  field: string;
  code: string;
  message: string;
  /** The file would not be taken; otherwise only rows of it. */
  refused: boolean;
}

/** `active`: a former holder's identity is on the number; `orphaned`: none was ever found. */
export type LinkageStatus = 'active' | 'orphaned' | 'resolved' | 'disputed';
export type CleanupStatus = 'pending' | 'in_progress' | 'completed' | 'failed';
export type NumberStatus =
  | 'ACTIVE'
  | 'RECYCLED'
  | 'CONFLICTED'
  | 'BLOCKED'
  | 'AVAILABLE'
  | 'UNKNOWN';
export type RiskLevel = 'low' | 'medium' | 'high' | 'critical';

/** One recycled SIM as the list shows it; NIN, BVN and name come masked. */
export interface Sim {
  id: string;
  sim_serial: string;
  msisdn: string;
  imsi: string;
  operator_code: string;
  date_recycled: Day | null;
  date_deactivated: Day | null;
  previous_owner_nin: string | null;
  previous_owner_name: string | null;
  previous_owner_bvn: string | null;
  previous_nin_linked: boolean;
  previous_bvn_linked: boolean;
  new_registration_status: string | null;
  linkage_status: LinkageStatus;
  cleanup_status: CleanupStatus;
  detection_method: string;
  risk_score: number;
  created_at: Instant;
  updated_at: Instant;
}

export interface RiskPart {
  code: string;
  weight: number;
  counted: boolean;
}

export type Verdict = 'unchecked' | 'clean' | 'stale' | 'review' | 'no_data';

export interface Linkage {
  kind: 'NIN' | 'BVN';
  number: string;
  bank_code?: string;
  source: string;
  linked_date: Day | null;
  removed_date: Day | null;
  is_active: boolean;
  verdict: Verdict;
  reason: string;
}

/** Who held the number from when to when; `to` is the first day no longer held. */
export interface Tenure {
  generation: number;
  from: Day | null;
  from_precision: string;
  to: Day | null;
  /** Set when the end is only known to lie between `to` and this day. */
  to_latest: Day | null;
  ended_as?: string;
  operator_code: string;
  holder: string;
  /** Null when it is not known. */
  same_holder_as_previous: boolean | null;
  source: string;
  learnt_at: Instant;
  /** When the statement was taken back; null while it stands. */
  retracted_at: Instant | null;
}

export type TenureEventKind =
  | 'activated'
  | 'ended'
  | 'recycled'
  | 'reissued'
  | 'same_holder_return'
  | 'port'
  | 'swap'
  | 'reversal'
  | 'correction';

export interface TenureEvent {
  kind: TenureEventKind;
  /** Whose holder's time it belongs to. */
  generation: number;
  day: Day | null;
  operator_code: string;
  learnt_at: Instant;
  note: string;
}

export interface AuditEntry {
  id: string;
  at: Instant;
  actor: string;
  action: string;
  result: string;
}

export interface SimDetail extends Sim {
  status: NumberStatus;
  risk_level: RiskLevel;
  risk_parts: RiskPart[];
  linkages: Linkage[];
  tenures: Tenure[];
  events: TenureEvent[];
  /** Ids of the delink requests. */
  requests: string[];
  history: AuditEntry[];
}

export interface Stats {
  total_recycled_sims: number;
  total_cleanup_pending: number;
  total_cleanup_in_progress: number;
  total_cleanup_completed: number;
  total_cleanup_failed: number;
  active_nin_linkages: number;
  active_bvn_linkages: number;
  total_delink_requests: number;
  delink_pending?: number;
  delink_failed?: number;
  delink_overdue?: number;
  numbers_known: number;
  recycled_with_stale_nin: number;
  recycled_with_stale_bvn: number;
  stale_linkages: number;
  review_linkages: number;
  by_operator: { operator_code: string; name: string; numbers: number; recycled: number; stale: number }[];
  by_risk: Record<RiskLevel, number>;
  coverage: { operator_code: string; from: Day; to: Day }[];
  last_import_at: Instant | null;
  running_jobs: number;
}

export interface Trends {
  days: number;
  series: {
    date: Day;
    recycled: number;
    same_holder: number;
    ported: number;
    swapped: number;
    resolved: number;
  }[];
}

export type DelinkType = 'nin' | 'bvn' | 'both';
export type DelinkPhase = 'pending' | 'processing' | 'completed' | 'rejected' | 'cancelled' | 'failed';
export type DelinkState =
  | 'submitted'
  | 'operator_approved'
  | 'awaiting_bank_approval'
  | 'bank_approved'
  | 'awaiting_nimc_notification'
  | 'execution_in_progress'
  | 'completed'
  | 'rejected'
  | 'cancelled'
  | 'failed'
  | 'disputed'
  | 'rolled_back';
export type DelinkItemState = 'waiting' | 'approved' | 'refused' | 'done' | 'kept' | 'failed' | 'rolled_back';

/** One identity that a request removes, at whoever keeps it. */
export interface DelinkItem {
  id: string;
  kind: 'NIN' | 'BVN';
  /** NIMC or the code of a bank; empty when nobody knows the bank. */
  target: string;
  number: string;
  linked_date: Day | null;
  basis: 'stale' | 'review' | 'report';
  why: string;
  state: DelinkItemState;
  asked_at: Instant | null;
  decided_at: Instant | null;
  decision?: string;
  tries: number;
  problem?: string;
  told: '' | 'recorded' | 'notified' | 'gone';
  reference?: string;
  done_at: Instant | null;
}

/** A request to remove what a former holder left on a number. */
export interface Delink {
  id: string;
  recycled_sim_id: string;
  msisdn: string;
  operator_code: string;
  request_type: DelinkType;
  status: DelinkPhase;
  workflow_status: DelinkState;
  waits_for: 'operator' | 'bank' | 'target' | 'nobody';
  reason: string;
  problem?: string;
  risk_score: number;
  submitted_by: string;
  submitted_by_me: boolean;
  due_at: Instant | null;
  overdue: boolean;
  escalated_at: Instant | null;
  created_at: Instant;
  updated_at: Instant;
  completed_at: Instant | null;
  items: DelinkItem[];
}

export interface DelinkStep {
  at: Instant;
  event: string;
  from: string;
  to: string;
  actor: string;
  role: string;
  bank_code?: string;
  note?: string;
}

export interface DelinkApproval {
  at: Instant;
  stage: 'operator' | 'bank' | 'dispute';
  bank_code?: string;
  approved: boolean;
  actor: string;
  role: string;
  reason?: string;
}

/** A paper that proves something about a request. */
export interface DelinkPaper {
  id: string;
  name: string;
  type: string;
  size: number;
  added_by: string;
  added_at: Instant;
}

/** What somebody may do with a request now. */
export type DelinkAction = 'approve' | 'reject' | 'cancel' | 'retry' | 'dispute' | 'rollback' | 'attach';

export interface DelinkDetail extends Delink {
  approvals: DelinkApproval[];
  timeline: DelinkStep[];
  attachments: DelinkPaper[];
  on_hold: boolean;
  has_certificate: boolean;
  actions: DelinkAction[];
}

export interface DelinkList extends List<Delink> {
  total_estimated: boolean;
}

/** What came of asking for many; with a job it goes on there. */
export interface DelinkBatch {
  matched: number;
  opened: number;
  already_open: number;
  nothing_to_remove: number;
  on_hold: number;
  not_found: number;
  job_id?: string;
}

export interface LegalHold {
  id: string;
  msisdn: string;
  operator_code: string;
  reference: string;
  reason: string;
  placed_by: string;
  placed_at: Instant;
  lifted_by: string | null;
  lifted_at: Instant | null;
}

/** A page of recycled SIMs; beyond 10,000 the total may be an estimate. */
export interface SimList extends List<Sim> {
  total_estimated: boolean;
}

/** One linkage of a list; NIN and BVN come masked. */
export interface LinkageRow {
  id: string;
  msisdn: string;
  kind: 'NIN' | 'BVN';
  nin?: string;
  bvn?: string;
  bank_code?: string;
  source: string;
  linked_date: Day | null;
  removed_date: Day | null;
  is_active: boolean;
  verdict: Verdict;
  reason: string;
  reported_at: Instant;
  checked_at: Instant | null;
}

/** Whether a number has a linkage of a kind now, and on whose word. */
export interface Verified {
  msisdn: string;
  nin?: string;
  bvn?: string;
  bank_code?: string;
  is_linked: boolean;
  linked_since: Day | null;
  verified_at: Instant;
  /** `local_record`: what is kept here; else the source that was asked. */
  source: string;
  reported_by?: string;
  verdict?: Verdict;
  reason?: string;
}

export interface BulkChecked {
  total_checked: number;
  linked_count: number;
  unlinked_count: number;
  results: Verified[];
}

export type YesNo = 'yes' | 'no' | 'no_data';

/** The days for which an operator has told everything. */
export interface Coverage {
  operator_code: string;
  from: Day | null;
  to: Day | null;
}

/** Whether a number has changed hands since a day, under both rules. */
export interface Check {
  msisdn: string;
  since: Day;
  /** The industry's rule: the holder changed after the day. */
  recycled: YesNo;
  /** The database's rule: the number was given up on or after the day. */
  reassigned: YesNo;
  status: NumberStatus;
  evidence: string[];
  operator_code?: string;
  coverage?: Coverage;
  as_of: Instant;
}

/** What a number's identity is now. */
export interface NumberView {
  msisdn: string;
  status: NumberStatus;
  is_recycled: boolean;
  active_nin_linkages: number;
  active_bvn_linkages: number;
  can_assign_to_new_user: boolean;
  blockers: string[];
  cleanup_status: CleanupStatus | null;
  operator_code: string | null;
  /** First day of the present holder. */
  holder_since: Day | null;
  evidence: string;
  coverage?: Coverage;
  as_of: Instant;
}

export interface NumberLinkages {
  msisdn: string;
  nin_linkages: Omit<Linkage, 'kind'>[];
  bvn_linkages: Omit<Linkage, 'kind'>[];
  total_nin: number;
  total_bvn: number;
  active_nin: number;
  active_bvn: number;
  as_of: Instant;
}

/** Something on which sources disagree. */
export interface Conflict {
  field: 'holder' | 'nin';
  verdict: 'stale' | 'review' | 'disagreement';
  sides: { source: string; says: string }[];
  reason: string;
}

/** A number's identity, with how far the sources agree. */
export interface Lookup {
  msisdn: string;
  nin: string | null;
  bvn: string | null;
  operator_code: string | null;
  status: NumberStatus;
  is_recycled: boolean;
  confidence_score: number;
  conflicts: Conflict[];
  sources_consulted: { name: string; reported_by?: string; available: boolean; age: number | null }[];
  last_verified: Instant | null;
  assessed_at: Instant;
}

/** A number on which sources disagree. */
export interface Disputed {
  msisdn: string;
  operator_code: string | null;
  status: NumberStatus;
  confidence_score: number;
  conflicts: Conflict[];
}

/** That somebody asked about a number. */
export interface Inquiry {
  at: Instant;
  actor: string;
  /** Their name, while the account or key is there. */
  actor_name?: string;
  purpose: string;
  /** The file that asked; absent when one asked directly. */
  job_id?: string;
}

/** One event of a live channel. */
export interface LiveEvent<T = unknown> {
  id: string;
  channel: string;
  type: string;
  at: Instant;
  data: T;
}
