package camara

import (
	"reconexus/app/reconix/identity"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/tenure"
)

// Match says whether something that was sent is the holder's.
type Match string

// The three answers of a match. There is no score: one that rises as a guess comes
// closer would lead from guess to guess to somebody's NIN.
const (
	matches      Match = "true"
	differs      Match = "false"
	notAvailable Match = "not_available"
)

func matched(same bool) *Match {
	m := differs
	if same {
		m = matches
	}
	return &m
}

func silent() *Match {
	m := notAvailable
	return &m
}

// nameMatch compares a name with the holder's, order, spelling and titles aside. A
// holder who is known by more than a name has none here; and names that are only alike
// decide nothing.
func nameMatch(keys *tenure.Keys, h tenure.History, name string) *Match {
	given, _ := keys.Name(nil, []byte(name))
	switch tenure.Same(h.Present().Holder, given) {
	case tenure.Yes:
		return matched(true)
	case tenure.No:
		return matched(false)
	}
	return silent()
}

// nationalID is the type of document that a NIN is the number of.
const nationalID = "national_id_card"

// documentMatch compares a NIN with the one that the holder is registered with, or with
// those whose linkage is the present holder's. A linkage of somebody before confirms
// nothing: that is the very mistake that Reconix is there for.
func documentMatch(keys *tenure.Keys, a *identity.Answer, kind *string, number string) *Match {
	if kind != nil && *kind != nationalID {
		return silent()
	}
	nin, _, err := numbering.ParseNIN(number)
	if err != nil {
		if kind == nil || numbering.IsVirtualNIN([]byte(number)) {
			return silent() // it may be a document of another kind, or a proof that only NIMC can read
		}
		return matched(false)
	}
	held := nins(a)
	if len(held) == 0 {
		return silent()
	}
	return matched(held[keys.NIN([]byte(nin.Reveal())).Token])
}

// nins are the tokens of the present holder's NINs.
func nins(a *identity.Answer) map[int64]bool {
	out := map[int64]bool{}
	if present := a.History.Present(); present.Holder.Kind == tenure.NIN {
		out[present.Holder.Token] = true
		return out
	}
	for _, l := range a.Linkages {
		if l.Kind == linkage.NIN && l.Active() && l.Verdict == linkage.Clean && l.Holder != nil {
			out[*l.Holder] = true
		}
	}
	return out
}
