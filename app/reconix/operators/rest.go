package operators

import (
	"context"
	"strconv"
	"strings"

	"reconexus/app/access"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/page"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
)

// Mount declares the routes.
func (s *Service) Mount(api *rest.API) {
	rest.Get(api, "/operators", access.SIMRead, s.operators, rest.Doc("List operators"))
	rest.Post(api, "/operators", access.UserManage, s.addOperator, rest.Doc("Add an operator"),
		rest.Created(func(o *Operator) string { return "/operators/" + o.Code }), rest.ETag(operatorTag))
	rest.Get(api, "/operators/{code}", access.SIMRead, s.operator, rest.Doc("Show an operator"), rest.ETag(operatorTag))
	rest.Patch(api, "/operators/{code}", access.UserManage, s.changeOperator, rest.Doc("Change an operator"), rest.ETag(operatorTag))
	rest.Delete(api, "/operators/{code}", access.UserManage, s.removeOperator, rest.Doc("Remove an operator that nothing refers to"))

	rest.Get(api, "/banks", access.SIMRead, s.banks, rest.Doc("List banks"))
	rest.Post(api, "/banks", access.UserManage, s.addBank, rest.Doc("Add a bank"),
		rest.Created(func(b *Bank) string { return "/banks/" + b.Code }), rest.ETag(bankTag))
	rest.Get(api, "/banks/{code}", access.SIMRead, s.bank, rest.Doc("Show a bank"), rest.ETag(bankTag))
	rest.Patch(api, "/banks/{code}", access.UserManage, s.changeBank, rest.Doc("Change a bank"), rest.ETag(bankTag))
	rest.Delete(api, "/banks/{code}", access.UserManage, s.removeBank, rest.Doc("Remove a bank that nothing refers to"))
}

func operatorTag(o *Operator) string { return strconv.Itoa(o.version) }
func bankTag(b *Bank) string         { return strconv.Itoa(b.version) }

// ByCode names one of the list. It is exported since huma only looks into exported parts.
type ByCode struct {
	Code string `path:"code" maxLength:"32" doc:"The code"`
}

type aliasIn struct {
	Name string `json:"name" minLength:"1" maxLength:"100"`
	From string `json:"from,omitempty" format:"date" nullable:"true" doc:"First day on which the name was used"`
	To   string `json:"to,omitempty" format:"date" nullable:"true" doc:"First day on which it was no longer used"`
}

// OperatorFields is what can be said of an operator. They are pointers, so that a change tells what is left alone from what is emptied.
type OperatorFields struct {
	Name      *string    `json:"name,omitempty" minLength:"1" maxLength:"100"`
	MNC       *string    `json:"mnc,omitempty" pattern:"^([0-9]{2,3})?$" doc:"Network code under MCC 621; empty for none"`
	Aliases   *[]aliasIn `json:"aliases,omitempty" maxItems:"50" doc:"What else it is or was called; replaces the list"`
	HostCode  *string    `json:"host_code,omitempty" maxLength:"32" doc:"Of a virtual operator: the network that carries it; empty for none"`
	ValidFrom *string    `json:"valid_from,omitempty" maxLength:"10" doc:"Day; empty when it is not known"`
	ValidTo   *string    `json:"valid_to,omitempty" maxLength:"10" doc:"First day on which it was no operator any more; empty while it is one"`
}

func (in OperatorFields) apply(o *Operator) error {
	var w wrong
	set(&o.Name, in.Name)
	set(&o.MNC, in.MNC)
	set(&o.HostCode, in.HostCode)
	w.day("valid_from", &o.ValidFrom, in.ValidFrom)
	w.day("valid_to", &o.ValidTo, in.ValidTo)
	if in.Aliases != nil {
		o.Aliases = make([]Alias, len(*in.Aliases))
		for i, a := range *in.Aliases {
			o.Aliases[i] = Alias{strings.TrimSpace(a.Name), day.None, day.None}
			w.day("aliases.from", &o.Aliases[i].From, &a.From)
			w.day("aliases.to", &o.Aliases[i].To, &a.To)
		}
	}
	return w.err()
}

func set(to, from *string) {
	if from != nil {
		*to = strings.TrimSpace(*from)
	}
}

// wrong gathers the fields that do not read.
type wrong []fault.Field

func (w *wrong) day(field string, to *day.Day, from *string) {
	if from == nil {
		return
	}
	*to = day.None
	if *from == "" {
		return
	}
	d, err := day.Parse(*from)
	if err != nil {
		*w = append(*w, fault.Field{Field: field, Code: "DATE", Message: "This is not a day: write it as YYYY-MM-DD, for example 2026-11-20."})
	}
	*to = d
}

func (w wrong) err() error {
	if len(w) == 0 {
		return nil
	}
	return &fault.Fault{Kind: fault.Invalid, Message: w[0].Message, Fields: w}
}

func (s *Service) operators(ctx context.Context, in *page.Query) (*page.Of[Operator], error) {
	return list(ctx, s, in, `SELECT count(*) FROM operator`, listOperators, func(o Operator) string { return o.Code })
}

func (s *Service) banks(ctx context.Context, in *page.Query) (*page.Of[Bank], error) {
	return list(ctx, s, in, `SELECT count(*) FROM bank`, listBanks, func(b Bank) string { return b.Code })
}

func list[T any](ctx context.Context, s *Service, in *page.Query, count string, rows func(*sqlite.Tx, string, int, int) ([]T, error), code func(T) string) (*page.Of[T], error) {
	return sqlite.Read(ctx, s.db, func(tx *sqlite.Tx) (*page.Of[T], error) {
		out := &page.Of[T]{Limit: in.Limit, Skip: in.Skip, Total: -1}
		var err error
		if in.After != "" {
			out.Skip = 0
		} else if out.Total, err = sqlite.One(tx, sqlite.Int, count); err != nil {
			return nil, err
		}
		if out.Items, err = rows(tx, in.After, in.Limit+1, out.Skip); err != nil {
			return nil, err
		}
		if len(out.Items) > in.Limit {
			out.Items = out.Items[:in.Limit]
			out.Next = code(out.Items[in.Limit-1])
		}
		return out, nil
	})
}

func (s *Service) operator(ctx context.Context, in *ByCode) (*Operator, error) {
	o, err := sqlite.Read(ctx, s.db, func(tx *sqlite.Tx) (Operator, error) { return findOperator(tx, in.Code) })
	return &o, missing(err, "operator")
}

func (s *Service) bank(ctx context.Context, in *ByCode) (*Bank, error) {
	b, err := sqlite.Read(ctx, s.db, func(tx *sqlite.Tx) (Bank, error) { return findBank(tx, in.Code) })
	return &b, missing(err, "bank")
}

func (s *Service) addOperator(ctx context.Context, in *struct {
	Body struct {
		Code string `json:"code" pattern:"^[A-Z0-9]{2,16}$" doc:"Letters and digits; never changes"`
		OperatorFields
	}
}) (*Operator, error) {
	o := Operator{Code: in.Body.Code, Aliases: []Alias{}, ValidFrom: day.None, ValidTo: day.None}
	if in.Body.Name == nil {
		return nil, fault.Wrong("name", "REQUIRED", "An operator needs a name; give what it calls itself.")
	}
	if err := in.Body.apply(&o); err != nil {
		return nil, err
	}
	o, err := s.AddOperator(ctx, o)
	return &o, err
}

func (s *Service) changeOperator(ctx context.Context, in *struct {
	ByCode
	rest.IfMatch
	Body OperatorFields
}) (*Operator, error) {
	if err := in.Body.apply(&Operator{}); err != nil {
		return nil, err
	}
	o, err := s.ChangeOperator(ctx, in.Code, in.Check, func(o *Operator) { _ = in.Body.apply(o) }) // it read above
	return &o, err
}

func (s *Service) removeOperator(ctx context.Context, in *struct {
	ByCode
	rest.IfMatch
}) error {
	return s.RemoveOperator(ctx, in.Code, in.Check)
}

// BankFields is what can be said of a bank.
type BankFields struct {
	Name      *string `json:"name,omitempty" minLength:"1" maxLength:"100"`
	ValidFrom *string `json:"valid_from,omitempty" maxLength:"10" doc:"Day; empty when it is not known"`
	ValidTo   *string `json:"valid_to,omitempty" maxLength:"10" doc:"First day on which it was no bank any more; empty while it is one"`
}

func (in BankFields) apply(b *Bank) error {
	var w wrong
	set(&b.Name, in.Name)
	w.day("valid_from", &b.ValidFrom, in.ValidFrom)
	w.day("valid_to", &b.ValidTo, in.ValidTo)
	return w.err()
}

func (s *Service) addBank(ctx context.Context, in *struct {
	Body struct {
		Code string `json:"code" pattern:"^[0-9]{3,6}$" doc:"CBN code; never changes"`
		BankFields
	}
}) (*Bank, error) {
	b := Bank{Code: in.Body.Code, ValidFrom: day.None, ValidTo: day.None}
	if in.Body.Name == nil {
		return nil, fault.Wrong("name", "REQUIRED", "A bank needs a name.")
	}
	if err := in.Body.apply(&b); err != nil {
		return nil, err
	}
	b, err := s.AddBank(ctx, b)
	return &b, err
}

func (s *Service) changeBank(ctx context.Context, in *struct {
	ByCode
	rest.IfMatch
	Body BankFields
}) (*Bank, error) {
	if err := in.Body.apply(&Bank{}); err != nil {
		return nil, err
	}
	b, err := s.ChangeBank(ctx, in.Code, in.Check, func(b *Bank) { _ = in.Body.apply(b) }) // it read above
	return &b, err
}

func (s *Service) removeBank(ctx context.Context, in *struct {
	ByCode
	rest.IfMatch
}) error {
	return s.RemoveBank(ctx, in.Code, in.Check)
}
