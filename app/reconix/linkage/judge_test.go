package linkage_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/reconixtest"
	"reconexus/app/reconix/tenure"
)

const number = 2348031234567

type held = reconixtest.Held

func TestJudge(t *testing.T) {
	h := reconixtest.Open(t)
	const ada, bola, own, other = "ADA OBI", "BOLA AHMED TINU", "12034561234", "12034569999"
	for _, c := range []struct {
		name    string
		held    []held
		nin     string // digits of the NIN that is linked; empty: a BVN
		from    string
		removed string
		want    linkage.Verdict
	}{
		{name: "nobody has told of the number", from: "2020-01-01", want: linkage.NoData},
		{name: "removed", held: []held{{From: "2020-01-01", By: ada}}, from: "2010-01-01", removed: "2026-01-01", want: linkage.Clean},
		{name: "within the only tenure", held: []held{{From: "2020-01-01", By: ada}}, from: "2021-01-01", want: linkage.Clean},
		{name: "on its first day", held: []held{{From: "2020-01-01", By: ada}}, from: "2020-01-01", want: linkage.Clean},
		{name: "a day before it", held: []held{{From: "2020-01-01", By: ada}}, from: "2019-12-31", want: linkage.Stale},
		{name: "no date", held: []held{{From: "2020-01-01", By: ada}}, want: linkage.Review},
		{name: "the tenure's first day is unknown", held: []held{{By: ada}}, from: "2021-01-01", want: linkage.Review},
		{name: "of the former holder", held: []held{{From: "2018-01-01", To: "2020-01-01", By: ada}, {From: "2021-01-01", By: bola}}, from: "2019-01-01", want: linkage.Stale},
		{name: "in the gap", held: []held{{From: "2018-01-01", To: "2020-01-01", By: ada}, {From: "2021-01-01", By: bola}}, from: "2020-06-01", want: linkage.Stale},
		{name: "of the new holder", held: []held{{From: "2018-01-01", To: "2020-01-01", By: ada}, {From: "2021-01-01", By: bola}}, from: "2021-01-01", want: linkage.Clean},
		{name: "same holder after a gap", held: []held{{From: "2018-01-01", To: "2020-01-01", By: ada}, {From: "2021-01-01", By: ada}}, from: "2019-01-01", want: linkage.Clean},
		{name: "same holder, spelt otherwise", held: []held{{From: "2018-01-01", To: "2020-01-01", By: "MUHAMMAD BUHARI SANI"}, {From: "2021-01-01", By: "Mohammed Buhari Sani"}}, from: "2019-01-01", want: linkage.Clean},
		{name: "three tenures of the same holder", held: []held{{From: "2015-01-01", To: "2016-01-01", By: ada}, {From: "2017-01-01", To: "2018-01-01", By: ada}, {From: "2019-01-01", By: ada}}, from: "2015-06-01", want: linkage.Clean},
		{name: "before three tenures of the same holder", held: []held{{From: "2015-01-01", To: "2016-01-01", By: ada}, {From: "2017-01-01", To: "2018-01-01", By: ada}, {From: "2019-01-01", By: ada}}, from: "2014-06-01", want: linkage.Stale},
		{name: "the present holder had it before another", held: []held{{From: "2015-01-01", To: "2016-01-01", By: ada}, {From: "2017-01-01", To: "2018-01-01", By: bola}, {From: "2019-01-01", By: ada}}, from: "2015-06-01", want: linkage.Clean},
		{name: "in the gap behind that", held: []held{{From: "2015-01-01", To: "2016-01-01", By: ada}, {From: "2017-01-01", To: "2018-01-01", By: bola}, {From: "2019-01-01", By: ada}}, from: "2016-06-01", want: linkage.Review},
		{name: "of the one between", held: []held{{From: "2015-01-01", To: "2016-01-01", By: ada}, {From: "2017-01-01", To: "2018-01-01", By: bola}, {From: "2019-01-01", By: ada}}, from: "2017-06-01", want: linkage.Stale},
		{name: "perhaps of one between whose first day is unknown", held: []held{{From: "2015-01-01", To: "2018-01-01", By: ada}, {To: "2018-06-01", By: bola}, {From: "2019-01-01", By: ada}}, from: "2015-06-01", want: linkage.Review},
		{name: "given out again, to whom is unknown", held: []held{{From: "2018-01-01", To: "2020-01-01", By: ada}, {From: "2021-01-01"}}, from: "2019-01-01", want: linkage.Review},
		{name: "to whom is unknown, but within it", held: []held{{From: "2018-01-01", To: "2020-01-01", By: ada}, {From: "2021-01-01"}}, from: "2022-01-01", want: linkage.Clean},
		{name: "the former holder is unknown", held: []held{{From: "2018-01-01", To: "2020-01-01"}, {From: "2021-01-01", By: bola}}, from: "2019-01-01", want: linkage.Review},
		{name: "known by other means than before", held: []held{{From: "2018-01-01", To: "2020-01-01", NIN: own}, {From: "2021-01-01", By: bola}}, from: "2019-01-01", want: linkage.Review},
		{name: "known by other means, before both", held: []held{{From: "2018-01-01", To: "2020-01-01", NIN: own}, {From: "2021-01-01", By: bola}}, from: "2017-01-01", want: linkage.Stale},
		{name: "given up, linked within", held: []held{{From: "2018-01-01", To: "2020-01-01", By: ada}}, from: "2019-01-01", want: linkage.Clean},
		{name: "given up, linked since", held: []held{{From: "2018-01-01", To: "2020-01-01", By: ada}}, from: "2020-01-01", want: linkage.Review},
		{name: "the present holder's NIN, without a date", held: []held{{From: "2020-01-01", NIN: own}}, nin: own, want: linkage.Clean},
		{name: "the present holder's NIN, dated before", held: []held{{From: "2020-01-01", NIN: own}}, nin: own, from: "2012-01-01", want: linkage.Clean},
		{name: "the present holder's NIN, since an unknown day", held: []held{{NIN: own}}, nin: own, from: "2012-01-01", want: linkage.Clean},
		{name: "another NIN, dated within", held: []held{{From: "2020-01-01", NIN: own}}, nin: other, from: "2021-01-01", want: linkage.Stale},
		{name: "another NIN, without a date", held: []held{{From: "2020-01-01", NIN: own}}, nin: other, want: linkage.Stale},
		{name: "a NIN where the holder is known by name", held: []held{{From: "2020-01-01", By: ada}}, nin: own, from: "2021-01-01", want: linkage.Clean},
		{name: "a BVN where the holder is known by NIN", held: []held{{From: "2020-01-01", NIN: own}}, from: "2019-01-01", want: linkage.Stale},
	} {
		l := linkage.Linkage{MSISDN: number, Kind: linkage.BVN, From: h.Day(c.from), To: h.Day(c.removed)}
		if c.nin != "" {
			token := h.Keys.NIN([]byte(c.nin)).Token
			l.Kind, l.Holder = linkage.NIN, &token
		}
		got, reason := linkage.Judge(h.History(number, c.held...), l)
		if got != c.want {
			t.Errorf("%s: %s (%s), want %s", c.name, got, reason, c.want)
		}
		if len(reason) < 20 || !strings.HasSuffix(reason, ".") || strings.Contains(reason, "-2147") {
			t.Errorf("%s: the reason is no sentence: %q", c.name, reason)
		}
	}
}

// lives draws the true story of a number: who held it from when to when, without
// overlaps, and what is told of it.
func lives(t *rapid.T) (h tenure.History, who []int) {
	from := day.Day(rapid.IntRange(15000, 16000).Draw(t, "first day"))
	for i := range rapid.IntRange(1, 5).Draw(t, "tenures") {
		person := rapid.IntRange(1, 3).Draw(t, "holder")
		to := from + day.Day(rapid.IntRange(1, 900).Draw(t, "days"))
		h = append(h, tenure.Statement{
			MSISDN: number, Generation: i + 1, From: from, Activated: from, To: to, Last: day.None, Operator: "MTN",
			Holder: tenure.Holder{Kind: tenure.ID, Token: int64(person)},
		})
		who = append(who, person)
		from = to + day.Day(rapid.IntRange(1, 400).Draw(t, "gap"))
	}
	if rapid.Bool().Draw(t, "in use") {
		h[len(h)-1].To = day.None
	}
	return h, who
}

func TestALinkageOfThePresentHolderIsNeverStale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, who := lives(t)
		last := len(h) - 1
		at := rapid.IntRange(0, last).Draw(t, "linked in")
		end := h[at].To
		if !end.Known() {
			end = h[at].From + 1000
		}
		l := linkage.Linkage{MSISDN: number, Kind: linkage.BVN, To: day.None, From: h[at].From + day.Day(rapid.IntRange(0, int(end-h[at].From)-1).Draw(t, "linked after"))}
		full, reason := linkage.Judge(h, l)
		want := linkage.Stale
		if who[at] == who[last] {
			want = linkage.Clean
		}
		if full != want {
			t.Fatalf("told everything, a linkage of holder %d under holder %d is %s: %s", who[at], who[last], full, reason)
		}
		// Whoever knows less may doubt, but never accuses the present holder.
		for i := range h {
			if rapid.Bool().Draw(t, "first day unknown") {
				h[i].From = day.None
			}
			if rapid.Bool().Draw(t, "holder unknown") {
				h[i].Holder = tenure.Holder{}
			}
		}
		if less, reason := linkage.Judge(h, l); who[at] == who[last] && less == linkage.Stale {
			t.Fatalf("told less, the present holder's own linkage is stale: %s", reason)
		}
	})
}

func TestANINThatComparesDecidesWhateverTheDates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, _ := lives(t)
		h[len(h)-1].Holder.Kind = tenure.NIN
		token := int64(rapid.IntRange(1, 3).Draw(t, "NIN"))
		l := linkage.Linkage{MSISDN: number, Kind: linkage.NIN, Holder: &token, To: day.None, From: day.None}
		if rapid.Bool().Draw(t, "dated") {
			l.From = day.Day(rapid.IntRange(14000, 20000).Draw(t, "linked"))
		}
		want := linkage.Stale
		if h[len(h)-1].Holder.Token == token {
			want = linkage.Clean
		}
		if got, reason := linkage.Judge(h, l); got != want {
			t.Fatalf("%s, want %s: %s", got, want, reason)
		}
	})
}
