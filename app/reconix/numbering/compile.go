package numbering

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"

	"github.com/nyaruka/phonenumbers"
)

// libphonenumber keeps its rules as regular expressions, one for each kind of
// number, and takes a number as mobile when it matches the general and the
// mobile expression and none of those that are asked before them. Here the
// expressions are walked digit by digit, as a finite automaton, to the depth
// of a block; behind it they must not tell one digit from another.
func compileRules(mobile *[blocks]bool) error {
	rules, err := nigerianRules()
	if err != nil {
		return err
	}
	states := make([]states, len(rules))
	for i, rule := range rules {
		states[i] = rule.start()
	}
	return walk(rules, states, 0, 0, mobile)
}

func walk(rules []*rule, at []states, depth, prefix int, mobile *[blocks]bool) error {
	if len(at[0]) == 0 || len(at[1]) == 0 {
		return nil // neither general nor mobile can match any more
	}
	if depth == blockDigits {
		taken, err := uniform(rules, at, prefix)
		mobile[prefix] = taken
		return err
	}
	for digit := range 10 {
		next := make([]states, len(rules))
		for i, rule := range rules {
			next[i] = rule.step(at[i], digit)
		}
		if err := walk(rules, next, depth+1, prefix*10+digit, mobile); err != nil {
			return err
		}
	}
	return nil
}

// uniform tells whether the whole block is mobile. The first two rules must
// match, the others must not.
func uniform(rules []*rule, at []states, prefix int) (bool, error) {
	taken := true
	for i, rule := range rules {
		match, ok := rule.block(at[i])
		if !ok {
			return false, fmt.Errorf("the rule for numbers that begin with 0%d looks at more than %d digits", prefix, blockDigits)
		}
		taken = taken && match == (i < 2)
	}
	return taken, nil
}

// nigerianRules gives the general rule, the mobile rule, and then the rules of
// the kinds that GetNumberType of libphonenumber asks for before mobile.
func nigerianRules() ([]*rule, error) {
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		return nil, err
	}
	for _, region := range collection.GetMetadata() {
		if region.GetId() != "NG" {
			continue
		}
		if region.GetSameMobileAndFixedLinePattern() {
			return nil, errors.New("mobile and fixed numbers are no longer told apart")
		}
		var rules []*rule
		for _, desc := range []*phonenumbers.PhoneNumberDesc{
			region.GetGeneralDesc(), region.GetMobile(),
			region.GetPremiumRate(), region.GetTollFree(), region.GetSharedCost(), region.GetVoip(),
			region.GetPersonalNumber(), region.GetPager(), region.GetUan(), region.GetVoicemail(),
		} {
			rule, err := newRule(desc)
			if err != nil {
				return nil, err
			}
			rules = append(rules, rule)
		}
		return rules, nil
	}
	return nil, errors.New("the metadata has no region NG")
}

// states are the places of the expression where a match may stand, sorted.
type states []uint32

// rule is one expression as a non-deterministic automaton. A nil program
// matches nothing.
type rule struct {
	program *syntax.Prog
	known   []verdict // blocks end in few different states, so each is judged once
}

type verdict struct {
	at        states
	match, ok bool
}

func newRule(desc *phonenumbers.PhoneNumberDesc) (*rule, error) {
	pattern := desc.GetNationalNumberPattern()
	lengths := desc.GetPossibleLength()
	if pattern == "" || len(lengths) > 0 && !slices.Contains(lengths, int32(nationalLength)) {
		return &rule{}, nil
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, err
	}
	for _, inst := range program.Inst {
		if inst.Op == syntax.InstEmptyWidth {
			return nil, fmt.Errorf("the pattern %q has an anchor, which this compiler does not know", pattern)
		}
	}
	return &rule{program: program}, nil
}

func (r *rule) start() states {
	if r.program == nil {
		return nil
	}
	return r.follow(nil, uint32(r.program.Start))
}

// step gives the places that are reached from the given ones by one digit.
func (r *rule) step(from states, digit int) states {
	var to states
	for _, pc := range from {
		inst := &r.program.Inst[pc]
		switch inst.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if inst.MatchRune(rune('0' + digit)) {
				to = r.follow(to, inst.Out)
			}
		}
	}
	return to
}

// block tells whether all that can follow on a block matches; ok is false when
// it depends on the digits.
func (r *rule) block(at states) (match, ok bool) {
	if len(at) == 0 {
		return false, true
	}
	for _, v := range r.known {
		if slices.Equal(v.at, at) {
			return v.match, v.ok
		}
	}
	match, ok = r.follows(at)
	r.known = append(r.known, verdict{at, match, ok})
	return match, ok
}

func (r *rule) follows(now states) (match, ok bool) {
	for range nationalLength - blockDigits {
		next := r.step(now, 0)
		for digit := 1; digit < 10; digit++ {
			if !slices.Equal(next, r.step(now, digit)) {
				return false, false
			}
		}
		now = next
	}
	return r.matches(now), true
}

func (r *rule) matches(at states) bool {
	return slices.ContainsFunc(at, func(pc uint32) bool { return r.program.Inst[pc].Op == syntax.InstMatch })
}

// follow adds a place and all that are reached from it without a digit.
func (r *rule) follow(set states, pc uint32) states {
	where, found := slices.BinarySearch(set, pc)
	if found {
		return set
	}
	set = slices.Insert(set, where, pc)
	inst := &r.program.Inst[pc]
	switch inst.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		set = r.follow(r.follow(set, inst.Out), inst.Arg)
	case syntax.InstCapture, syntax.InstNop:
		set = r.follow(set, inst.Out)
	}
	return set
}
