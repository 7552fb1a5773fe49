import type { ApiKey, Role, User } from '$/api/types';

/** Everything about an account that a form can change. */
export interface UserDraft {
  email: string;
  full_name: string;
  role: Role;
  operator_code: string;
  bank_code: string;
  grants: string[];
}

export const ROLES: readonly Role[] = ['admin', 'operator', 'bank', 'auditor', 'api_client'];

/** A form's beginning: an account as it is, or an empty one. */
export function userDraft(user?: User): UserDraft {
  return {
    email: user?.email ?? '',
    full_name: user?.full_name ?? '',
    role: user?.role ?? 'operator',
    operator_code: user?.operator_code ?? '',
    bank_code: user?.bank_code ?? '',
    grants: [...(user?.grants ?? [])],
  };
}

/** Whose tenancy a role can or must have: an operator's, a bank's, either, or none. */
export const mayHaveOperator = (role: Role) => role === 'operator' || role === 'api_client';
export const mayHaveBank = (role: Role) => role === 'bank' || role === 'api_client';

/** A draft as the server takes it: what the role cannot have is left out. */
export function userBody(draft: UserDraft) {
  return {
    email: draft.email.trim(),
    full_name: draft.full_name.trim(),
    role: draft.role,
    operator_code: mayHaveOperator(draft.role) ? draft.operator_code : '',
    bank_code: mayHaveBank(draft.role) ? draft.bank_code : '',
    grants: [...draft.grants].sort(),
  };
}

/** Only what differs from the account; undefined when nothing does. */
export function userChange(user: User, draft: UserDraft): Record<string, unknown> | undefined {
  const before: Record<string, unknown> = userBody(userDraft(user));
  const changed = Object.entries(userBody(draft)).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]));
  return changed.length ? Object.fromEntries(changed) : undefined;
}

/** Everything about a key that a form can change, and what is settled when it is made. */
export interface KeyDraft {
  name: string;
  scopes: string[];
  operator_code: string;
  bank_code: string;
  msisdn: string;
  /** As it is typed; empty for the usual limit. */
  per_minute: string;
  /** The last day on which it works, in Lagos; empty for 90 days. */
  expires: string;
}

/** Days in Lagos are an hour ahead of UTC all year. */
const LAGOS = '+01:00';
const HOUR = 3_600_000;

/** The day in Lagos of an instant, `2026-11-20`. */
export function lagosDay(instant: string | number): string {
  return new Date(new Date(instant).getTime() + HOUR).toISOString().slice(0, 10);
}

export function keyDraft(key?: ApiKey): KeyDraft {
  return {
    name: key?.name ?? '',
    scopes: [...(key?.scopes ?? [])],
    operator_code: key?.operator_code ?? '',
    bank_code: key?.bank_code ?? '',
    msisdn: key?.msisdn ?? '',
    per_minute: key?.per_minute ? String(key.per_minute) : '',
    expires: key ? lagosDay(key.expires_at) : '',
  };
}

/** A new key as the server takes it: what is empty is left out. */
export function keyBody(draft: KeyDraft) {
  return {
    name: draft.name.trim(),
    scopes: [...draft.scopes].sort(),
    operator_code: draft.operator_code || undefined,
    bank_code: draft.bank_code || undefined,
    msisdn: draft.msisdn.replace(/\s/g, '').replace(/^0(?=\d{10}$)/, '+234') || undefined,
    per_minute: Number(draft.per_minute) || 0,
    expires_at: draft.expires ? `${draft.expires}T23:59:59${LAGOS}` : undefined,
  };
}

/** Only what differs from the key; undefined when nothing does. */
export function keyChange(key: ApiKey, draft: KeyDraft): Record<string, unknown> | undefined {
  const { name, scopes, per_minute, expires_at } = keyBody(draft);
  const change: Record<string, unknown> = {};
  if (name !== key.name) change.name = name;
  if (scopes.join() !== [...key.scopes].sort().join()) change.scopes = scopes;
  if (per_minute !== key.per_minute) change.per_minute = per_minute;
  if (draft.expires !== lagosDay(key.expires_at)) change.expires_at = expires_at;
  return Object.keys(change).length ? change : undefined;
}
