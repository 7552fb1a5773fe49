// Package access says who may do what: permissions, roles, and the principal that a
// request acts for. It decides nothing about single things; a feature's service does
// that with [Principal.Operator] and [Principal.Bank].
package access

import (
	"context"
	"slices"
	"strings"

	"reconexus/app/kit/fault"
)

// Permission is one right, as the REST contract names it.
type Permission string

// The permissions. Public and SignedIn are not granted to anyone: they say that a
// route needs none, or only a caller who is known.
const (
	Public   Permission = "public"
	SignedIn Permission = "signed-in"

	SIMRead          Permission = "sim:read"
	SIMWrite         Permission = "sim:write"
	SIMDelete        Permission = "sim:delete"
	SIMBulkUpload    Permission = "sim:bulk_upload"
	SIMDetect        Permission = "sim:detect"
	LinkageRead      Permission = "linkage:read"
	LinkageWrite     Permission = "linkage:write"
	DelinkRead       Permission = "delink:read"
	DelinkCreate     Permission = "delink:create"
	DelinkApprove    Permission = "delink:approve"
	DelinkCancel     Permission = "delink:cancel"
	NotificationRead Permission = "notification:read"
	NotificationSend Permission = "notification:send"
	AuditRead        Permission = "audit:read"
	RetentionExecute Permission = "retention:execute"
	MetricsRead      Permission = "metrics:read"
	WebhookRead      Permission = "webhook:read"
	WebhookManage    Permission = "webhook:manage"
	DashboardRead    Permission = "dashboard:read"
	PIIReveal        Permission = "pii:reveal"
	UserManage       Permission = "user:manage"
)

// The scopes of the telecom industry's own interface (CAMARA). Only machines hold them,
// by their keys; no role does.
const (
	NumberRecyclingCheck Permission = "number-recycling:check"
	SIMSwap              Permission = "sim-swap" // opens both of the next two
	SIMSwapCheck         Permission = "sim-swap:check"
	SIMSwapDate          Permission = "sim-swap:retrieve-date"
	KYCTenureCheck       Permission = "kyc-tenure:check-tenure"
	KYCMatch             Permission = "kyc-match:match"
	NumberVerify         Permission = "number-verification:verify"
	DeviceNumberRead     Permission = "number-verification:device-phone-number:read"
)

// Industry lists the scopes of the telecom industry's own interface.
func Industry() []Permission {
	return []Permission{NumberRecyclingCheck, SIMSwap, SIMSwapCheck, SIMSwapDate, KYCTenureCheck, KYCMatch, NumberVerify, DeviceNumberRead}
}

// Industry tells whether p is a scope of the telecom industry's own interface.
func (p Permission) Industry() bool { return slices.Contains(Industry(), p) }

// All lists every permission that can be granted, in the order of the contract.
func All() []Permission {
	return []Permission{
		SIMRead, SIMWrite, SIMDelete, SIMBulkUpload, SIMDetect, LinkageRead, LinkageWrite,
		DelinkRead, DelinkCreate, DelinkApprove, DelinkCancel, NotificationRead, NotificationSend,
		AuditRead, RetentionExecute, MetricsRead, WebhookRead, WebhookManage, DashboardRead, PIIReveal, UserManage,
	}
}

// What says in one sentence what a permission opens; "" for what cannot be granted.
func (p Permission) What() string {
	switch p {
	case SIMRead:
		return "See recycled numbers, imports and the answers about a number."
	case SIMWrite:
		return "Add and change recycled numbers."
	case SIMDelete:
		return "Delete recycled numbers."
	case SIMBulkUpload:
		return "Take in inventories and other large files."
	case SIMDetect:
		return "Run the detection."
	case LinkageRead:
		return "See NIN and BVN linkages, masked."
	case LinkageWrite:
		return "Report and take in NIN and BVN linkages."
	case DelinkRead:
		return "See delink requests."
	case DelinkCreate:
		return "Submit delink requests."
	case DelinkApprove:
		return "Approve or reject delink requests of others."
	case DelinkCancel:
		return "Cancel delink requests."
	case NotificationRead:
		return "See notifications."
	case NotificationSend:
		return "Send notifications."
	case AuditRead:
		return "Read, export and verify the audit log, and see the conflicts."
	case RetentionExecute:
		return "Drop what is older than the law wants it kept."
	case MetricsRead:
		return "Read the metrics from another machine."
	case WebhookRead:
		return "See webhooks and their deliveries."
	case WebhookManage:
		return "Register and remove webhooks."
	case DashboardRead:
		return "See the dashboard."
	case PIIReveal:
		return "See a whole NIN, BVN or name; each look is written down."
	case UserManage:
		return "Manage accounts, API keys, operators and banks, and see the settings."
	case NumberRecyclingCheck:
		return "Ask whether a number changed hands since a day."
	case SIMSwap:
		return "Ask everything about SIM swaps."
	case SIMSwapCheck:
		return "Ask whether a SIM was swapped lately."
	case SIMSwapDate:
		return "Ask when a SIM was last swapped."
	case KYCTenureCheck:
		return "Ask whether a holder has had a number since a day."
	case KYCMatch:
		return "Compare a person's data with the holder's."
	case NumberVerify:
		return "Ask whether a device uses a number."
	case DeviceNumberRead:
		return "Ask for the number that a device uses."
	}
	return ""
}

// Wide tells whether a permission knows no tenancy: what it opens belongs to the whole
// appliance, so nobody of one operator or bank can hold it.
func (p Permission) Wide() bool {
	switch p {
	case UserManage, AuditRead, RetentionExecute, MetricsRead:
		return true
	}
	return false
}

// Known tells whether p can be granted.
func Known(p Permission) bool { return slices.Contains(All(), p) }

// Role is a named set of permissions.
type Role string

// The roles of Reconix.
const (
	Admin     Role = "admin"
	Operator  Role = "operator"
	Bank      Role = "bank"
	Auditor   Role = "auditor"
	APIClient Role = "api_client"
)

// Roles lists the roles in the order of the contract.
func Roles() []Role { return []Role{Admin, Operator, Bank, Auditor, APIClient} }

// What says in one sentence whom a role is for; "" for an unknown role.
func (r Role) What() string {
	switch r {
	case Admin:
		return "Runs the appliance: may do everything."
	case Operator:
		return "Staff of a mobile operator: its own numbers only."
	case Bank:
		return "Staff of a bank: its own BVN linkages only."
	case Auditor:
		return "Sees everything and the audit log, changes nothing."
	case APIClient:
		return "A programme that asks."
	}
	return ""
}

// Permissions of a role, without single grants; nil for an unknown role.
func (r Role) Permissions() []Permission {
	switch r {
	case Admin:
		return All()
	case Operator:
		return []Permission{SIMRead, SIMWrite, LinkageRead, LinkageWrite, DelinkRead, DelinkCreate, DelinkCancel,
			NotificationRead, NotificationSend, WebhookRead, WebhookManage, DashboardRead}
	case Bank:
		return []Permission{SIMRead, LinkageRead, DelinkRead, DelinkApprove, NotificationRead, WebhookRead, WebhookManage, DashboardRead}
	case Auditor:
		return []Permission{SIMRead, LinkageRead, DelinkRead, NotificationRead, AuditRead, DashboardRead}
	case APIClient:
		return []Permission{SIMRead, LinkageRead, DelinkRead, WebhookRead}
	}
	return nil
}

// Principal is who a request acts for: a user, a key, or the appliance itself.
type Principal struct {
	ID       string       // usr_…, key_…, or "system"
	Name     string       // e-mail of a user, name of a key
	Role     Role         //
	May      []Permission // the role's and the granted ones, cut down to a token's scopes
	Scopes   []string     // scopes of a machine token that are not permissions (CAMARA)
	Operator string       // when set: sees only this operator's SIMs
	Bank     string       // when set: sees only this bank's BVN linkages
	MSISDN   int64        // when set: a three-legged token bound to one number
	Session  string       // ses_… of a signed-in user
	Address  string       // client address, proxies taken into account
	Request  string       // request id, for the audit line
	PerMin   int          // own limit of requests per minute; 0 means the default
}

// System is the principal of scheduled and internal work.
func System(name string) Principal {
	return Principal{ID: "system", Name: name, Role: Admin, May: All()}
}

// Can tells whether the principal has a permission.
func (p Principal) Can(need Permission) bool {
	return need == Public || (need == SignedIn && p.ID != "") || slices.Contains(p.May, need) || p.holds(need)
}

// holds tells whether a machine has a scope: by its own name or by its family's, as
// sim-swap has sim-swap:check.
func (p Principal) holds(need Permission) bool {
	if len(p.Scopes) == 0 || !need.Industry() {
		return false
	}
	family, _, _ := strings.Cut(string(need), ":")
	return slices.Contains(p.Scopes, string(need)) || Permission(family).Industry() && slices.Contains(p.Scopes, family)
}

// Allow answers nil, or the fault that the caller should see.
func (p Principal) Allow(need Permission) error {
	switch {
	case p.Can(need):
		return nil
	case p.ID == "":
		return fault.New(fault.Unauthenticated, "Sign in first: this needs an access token, a session cookie or an API key.")
	}
	return fault.New(fault.Forbidden, "Your account does not have the permission %s. Ask an administrator for it.", need)
}

type key struct{}

// With gives a context its principal.
func With(ctx context.Context, p Principal) context.Context { return context.WithValue(ctx, key{}, p) }

// From is the context's principal; the zero Principal is nobody.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(key{}).(Principal)
	return p
}

type refusalKey struct{}

// WithRefusal remembers why the credentials that came were not taken: a protected
// route answers it instead of "sign in first".
func WithRefusal(ctx context.Context, err error) context.Context {
	return context.WithValue(ctx, refusalKey{}, err)
}

// Refusal is why the credentials were not taken, or nil.
func Refusal(ctx context.Context) error {
	err, _ := ctx.Value(refusalKey{}).(error)
	return err
}
