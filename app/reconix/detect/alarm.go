package detect

import (
	"errors"
	"slices"

	"reconexus/app/access"
	"reconexus/app/live"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/webhook"
	"reconexus/store/sqlite"
)

// mostNamed bounds the numbers of one alert: of more, only how many they are is told.
const mostNamed = 10

// Alert tells of stale linkages that were found together, of one operator's numbers or
// of one bank.
type Alert struct {
	Operator string             `json:"operator_code,omitempty"`
	Bank     string             `json:"bank_code,omitempty"`
	Linkages int                `json:"linkages"`
	NIN      int                `json:"nin"`
	BVN      int                `json:"bvn"`
	Numbers  []numbering.MSISDN `json:"msisdns,omitempty"`
	SIMs     []string           `json:"recycled_sim_ids,omitempty"`
	Job      string             `json:"job_id"`
}

// whose is the operator or the bank that an alert is for.
type whose struct{ operator, bank string }

// alarm gathers what one commit will make known.
type alarm struct {
	job  string
	by   map[whose]*Alert
	sims map[int64]string // records of the numbers, by number
}

// record notes the record of a number.
func (a *alarm) record(msisdn int64, sim string) {
	if a.sims == nil {
		a.sims = map[int64]string{}
	}
	a.sims[msisdn] = sim
}

// add notes a stale linkage of a number that an operator has.
func (a *alarm) add(l linkage.Linkage, operator string) {
	a.count(whose{operator: operator}, l)
	if l.Bank != "" {
		a.count(whose{bank: l.Bank}, l)
	}
}

func (a *alarm) count(to whose, l linkage.Linkage) {
	if a.by == nil {
		a.by = map[whose]*Alert{}
	}
	one := a.by[to]
	if one == nil {
		one = &Alert{Operator: to.operator, Bank: to.bank, Job: a.job}
		a.by[to] = one
	}
	one.Linkages++
	if l.Kind == linkage.NIN {
		one.NIN++
	} else {
		one.BVN++
	}
	if number := numbering.MSISDN(l.MSISDN); len(one.Numbers) <= mostNamed && !slices.Contains(one.Numbers, number) {
		one.Numbers = append(one.Numbers, number)
	}
}

// publish tells, after the commit, each operator and each bank of its own; who is bound
// to neither hears all that is told to operators.
func (a *alarm) publish(tx *sqlite.Tx, hub *live.Hub, outside *webhook.Service) error {
	var err error
	for to, one := range a.by {
		if len(one.Numbers) > mostNamed {
			one.Numbers = nil
		}
		for _, number := range one.Numbers {
			one.SIMs = append(one.SIMs, a.sims[int64(number)])
		}
		err = errors.Join(err,
			hub.Publish(tx, live.Event{Channel: live.SIMAlerts, Type: webhook.LinkageStale, Data: one, See: to.hears}),
			outside.Publish(tx, webhook.Event{Type: webhook.LinkageStale, Data: one, See: to.hears}))
	}
	return err
}

func (to whose) hears(p access.Principal) bool {
	if to.bank != "" {
		return p.Can(access.LinkageRead) && p.Bank == to.bank && p.Operator == "" && p.MSISDN == 0
	}
	return p.Can(access.SIMRead) && p.Bank == "" && (p.Operator == "" || p.Operator == to.operator) && p.MSISDN == 0
}
