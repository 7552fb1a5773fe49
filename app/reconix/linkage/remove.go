package linkage

import (
	"fmt"
	"time"

	"reconexus/app/kit/day"
	"reconexus/store/sqlite"
)

// Ref names one linkage, for who must find it again later.
type Ref struct {
	MSISDN int64
	Kind   Kind
	Bank   string
	Token  []byte // blind index of the digits
}

// Ref is the linkage's own.
func (l Linkage) Ref() Ref { return Ref{l.MSISDN, l.Kind, l.Bank, l.token} }

func (r Ref) linkage() Linkage {
	return Linkage{MSISDN: r.MSISDN, Kind: r.Kind, Bank: r.Bank, token: r.Token}
}

// ByRef is the linkage as it is kept now; [sqlite.ErrNotFound] when it is not.
func ByRef(tx *sqlite.Tx, r Ref) (Linkage, error) { return find(tx, r.linkage()) }

// Digits opens the NIN or BVN, for who must tell it to the source that keeps it.
func (s *Service) Digits(tx *sqlite.Tx, r Ref) (string, error) {
	sealed, err := sqlite.One(tx, sqlite.Bytes, `SELECT sealed FROM linkage WHERE msisdn = ? AND kind = ? AND bank_code = ? AND token = ?`,
		r.MSISDN, int64(r.Kind), r.Bank, r.Token)
	if err != nil {
		return "", err
	}
	plain, err := s.Ring.Open(sealedAs, sealed)
	return string(plain), err
}

// Remove ends an active linkage on a day. Other numbers that the same NIN or BVN is
// linked to are not touched. It answers false when the linkage was not active any more.
func (s *Service) Remove(tx *sqlite.Tx, r Ref, on day.Day, at time.Time) (bool, error) {
	return s.change(tx, "remove a linkage", `UPDATE linkage SET to_day = ?, verdict = 1, reason = ?, checked_at = ?
		WHERE msisdn = ? AND kind = ? AND bank_code = ? AND token = ? AND to_day IS NULL`,
		int64(on), fmt.Sprintf("The linkage was removed on %s.", on), at.UnixMilli(), r.MSISDN, int64(r.Kind), r.Bank, r.Token)
}

// Restore makes a linkage that [Service.Remove] ended on a day active again, to be
// judged anew. It answers false when something else became of it since.
func (s *Service) Restore(tx *sqlite.Tx, r Ref, removed day.Day) (bool, error) {
	return s.change(tx, "restore a linkage", `UPDATE linkage SET to_day = NULL, verdict = 0, reason = '', checked_at = NULL
		WHERE msisdn = ? AND kind = ? AND bank_code = ? AND token = ? AND to_day = ?`,
		r.MSISDN, int64(r.Kind), r.Bank, r.Token, int64(removed))
}

func (s *Service) change(tx *sqlite.Tx, doing, query string, args ...any) (bool, error) {
	n, err := sqlite.Exec(tx, query, args...)
	if err != nil {
		return false, fmt.Errorf("%s: %w", doing, err)
	}
	tx.After(s.totals.forget)
	return n == 1, nil
}
