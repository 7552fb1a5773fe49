package operators

import (
	"context"
	"errors"
	"sync/atomic"

	"reconexus/app/access"
	"reconexus/app/audit"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/store/sqlite"
)

// Service keeps operators and banks and finds them by name. Make it with [New].
type Service struct {
	db    *sqlite.DB
	audit *audit.Log
	known atomic.Pointer[directory]
}

// New makes the service; [Service.Seed] fills it.
func New(db *sqlite.DB, log *audit.Log) *Service {
	s := &Service{db: db, audit: log}
	s.known.Store(newDirectory(nil, nil))
	return s
}

// Seed adds the operators and banks that are missing on a new installation and reads
// all into memory. It never overwrites an edit, and what was removed on an
// installation that has others already stays removed.
func (s *Service) Seed(ctx context.Context) error {
	return sqlite.Do(ctx, s.db, func(tx *sqlite.Tx) error {
		d, err := readDirectory(tx)
		if err != nil {
			return err
		}
		if len(d.operators) > 0 && len(d.banks) > 0 {
			return s.refresh(tx)
		}
		if len(d.operators) == 0 {
			for _, o := range seedOperators() {
				if _, err := insertOperator(tx, o); err != nil {
					return err
				}
			}
		}
		if len(d.banks) == 0 {
			for _, b := range seedBanks() {
				if _, err := insertBank(tx, b); err != nil {
					return err
				}
			}
		}
		return errors.Join(s.audit.Record(tx, access.System("seed"), "operator.seed", ""), s.refresh(tx))
	})
}

// Resolve finds an operator's code by code, name or alias, in any case. The day tells
// apart names that meant different operators at different times; day.None is taken.
func (s *Service) Resolve(name string, on day.Day) (code string, ok bool) {
	return s.known.Load().resolve(name, on)
}

// Known tells whether there is an operator with this code.
func (s *Service) Known(code string) bool {
	_, ok := s.known.Load().operators[code]
	return ok
}

// NameOf is what an operator calls itself today; the code itself when it is unknown.
func (s *Service) NameOf(code string) string {
	if o, ok := s.known.Load().operators[code]; ok {
		return o.Name
	}
	return code
}

// Codes lists every operator's code, in no order.
func (s *Service) Codes() []string {
	var out []string
	for code := range s.known.Load().operators {
		out = append(out, code)
	}
	return out
}

// KnownBank tells whether there is a bank with this CBN code.
func (s *Service) KnownBank(code string) bool {
	_, ok := s.known.Load().banks[code]
	return ok
}

// BankName is a bank's name; the code itself when it is unknown.
func (s *Service) BankName(code string) string {
	if name, ok := s.known.Load().banks[code]; ok {
		return name
	}
	return code
}

// refresh makes what is in the store known once the write is on disk. Commits come in
// order, and so do their hooks.
func (s *Service) refresh(tx *sqlite.Tx) error {
	d, err := readDirectory(tx)
	if err != nil {
		return err
	}
	tx.After(func() { s.known.Store(d) })
	return nil
}

// changed ends every deed here: the audit line and the new directory.
func (s *Service) changed(tx *sqlite.Tx, action, code string) error {
	return errors.Join(s.audit.Record(tx, access.From(tx.Context()), action, code), s.refresh(tx))
}

// AddOperator adds an operator.
func (s *Service) AddOperator(ctx context.Context, o Operator) (Operator, error) {
	return sqlite.Write(ctx, s.db, func(tx *sqlite.Tx) (Operator, error) {
		o.version = 1
		if err := s.check(tx, o); err != nil {
			return o, err
		}
		switch added, err := insertOperator(tx, o); {
		case err != nil:
			return o, err
		case !added:
			return o, fault.New(fault.Conflict, "There is an operator with the code %s already; change that one, or choose another code.", o.Code)
		}
		return o, s.changed(tx, "operator.create", o.Code)
	})
}

// check refuses names that would make another operator's files ambiguous.
func (s *Service) check(tx *sqlite.Tx, o Operator) error {
	if o.ValidFrom.Known() && o.ValidTo.Known() && o.ValidTo <= o.ValidFrom {
		return fault.Wrong("valid_to", "ORDER", "valid_to lies after valid_from: it is the first day on which the operator was none any more.")
	}
	for _, a := range o.Aliases {
		if squeeze(a.Name) == "" {
			return fault.Wrong("aliases", "REQUIRED", "Each alias has a name with letters or digits in it.")
		}
		if a.From.Known() && a.To.Known() && a.To <= a.From {
			return fault.Wrong("aliases", "ORDER", "An alias ends after it begins: to is the first day on which the name was no longer used.")
		}
	}
	d, err := readDirectory(tx)
	if err != nil {
		return err
	}
	if o.HostCode != "" && (o.HostCode == o.Code || d.operators[o.HostCode].Code == "") {
		return fault.Wrong("host_code", "NOT_FOUND", "host_code is the code of another operator that is listed here.")
	}
	for code := range d.operators {
		for _, a := range append([]Alias{{Name: o.Name}}, o.Aliases...) {
			if code != o.Code && squeeze(code) == squeeze(a.Name) {
				return fault.Wrong("aliases", "TAKEN", "A name here is the code of another operator (%s); files could not be told apart.", code)
			}
		}
	}
	return nil
}

// ChangeOperator lets change edit an operator; match is asked with its version first.
func (s *Service) ChangeOperator(ctx context.Context, code string, match func(version int) error, change func(*Operator)) (Operator, error) {
	return sqlite.Write(ctx, s.db, func(tx *sqlite.Tx) (Operator, error) {
		o, err := findOperator(tx, code)
		if err != nil {
			return o, missing(err, "operator")
		}
		if err := match(o.version); err != nil {
			return o, err
		}
		change(&o)
		if err := s.check(tx, o); err != nil {
			return o, err
		}
		if err := updateOperator(tx, o); err != nil {
			return o, err
		}
		o.version++
		return o, s.changed(tx, "operator.update", code)
	})
}

// RemoveOperator removes an operator that nothing refers to.
func (s *Service) RemoveOperator(ctx context.Context, code string, match func(version int) error) error {
	return sqlite.Do(ctx, s.db, func(tx *sqlite.Tx) error {
		o, err := findOperator(tx, code)
		if err != nil {
			return missing(err, "operator")
		}
		if err := match(o.version); err != nil {
			return err
		}
		if err := unused(operatorUsed(tx, code)); err != nil {
			return err
		}
		return errors.Join(removeOperator(tx, code), s.changed(tx, "operator.delete", code))
	})
}

// AddBank adds a bank.
func (s *Service) AddBank(ctx context.Context, b Bank) (Bank, error) {
	return sqlite.Write(ctx, s.db, func(tx *sqlite.Tx) (Bank, error) {
		b.version = 1
		if err := b.check(); err != nil {
			return b, err
		}
		switch added, err := insertBank(tx, b); {
		case err != nil:
			return b, err
		case !added:
			return b, fault.New(fault.Conflict, "There is a bank with the code %s already; change that one, or check the code.", b.Code)
		}
		return b, s.changed(tx, "bank.create", b.Code)
	})
}

func (b Bank) check() error {
	if b.ValidFrom.Known() && b.ValidTo.Known() && b.ValidTo <= b.ValidFrom {
		return fault.Wrong("valid_to", "ORDER", "valid_to lies after valid_from: it is the first day on which the bank was none any more.")
	}
	return nil
}

// ChangeBank lets change edit a bank; match is asked with its version first.
func (s *Service) ChangeBank(ctx context.Context, code string, match func(version int) error, change func(*Bank)) (Bank, error) {
	return sqlite.Write(ctx, s.db, func(tx *sqlite.Tx) (Bank, error) {
		b, err := findBank(tx, code)
		if err != nil {
			return b, missing(err, "bank")
		}
		if err := match(b.version); err != nil {
			return b, err
		}
		change(&b)
		if err := b.check(); err != nil {
			return b, err
		}
		if err := updateBank(tx, b); err != nil {
			return b, err
		}
		b.version++
		return b, s.changed(tx, "bank.update", code)
	})
}

// RemoveBank removes a bank that nothing refers to.
func (s *Service) RemoveBank(ctx context.Context, code string, match func(version int) error) error {
	return sqlite.Do(ctx, s.db, func(tx *sqlite.Tx) error {
		b, err := findBank(tx, code)
		if err != nil {
			return missing(err, "bank")
		}
		if err := match(b.version); err != nil {
			return err
		}
		if err := unused(bankUsed(tx, code)); err != nil {
			return err
		}
		return errors.Join(removeBank(tx, code), s.changed(tx, "bank.delete", code))
	})
}

func missing(err error, what string) error {
	if errors.Is(err, sqlite.ErrNotFound) {
		return fault.New(fault.NotFound, "There is no %s with this code; the list has those that there are.", what)
	}
	return err
}

func unused(used bool, err error) error {
	if used {
		err = fault.New(fault.Conflict, "Records refer to this code, so that it cannot be removed. Set valid_to to the first day on which it was no longer in use.")
	}
	return err
}
