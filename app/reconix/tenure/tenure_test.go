package tenure_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"reconexus/app/kit/day"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
	"reconexus/store/storetest"
)

const number = 2348031234567

func d(s string) day.Day {
	v, err := day.Parse(s)
	if err != nil {
		panic(err)
	}
	return v
}

var (
	ada  = tenure.Holder{Kind: tenure.Name, Token: 1, Names: 1}
	bola = tenure.Holder{Kind: tenure.Name, Token: 2, Names: 2}
)

// seen is an ordinary row of MTN on a day.
func seen(on string, h tenure.Holder, activated string, card int64) tenure.Observation {
	return tenure.Observation{MSISDN: number, Operator: "MTN", Activated: d(activated), Holder: h, Card: card, Day: d(on), Seen: d(on) - 1}
}

func as(o tenure.Observation, ended string) tenure.Observation { o.EndedAs = ended; return o }

func at(o tenure.Observation, operator string) tenure.Observation { o.Operator = operator; return o }

// tell plays observations onto a number's record in the store.
func tell(t testing.TB, db *sqlite.DB, all ...tenure.Observation) (kinds []tenure.Kind) {
	t.Helper()
	for i, o := range all {
		err := sqlite.Do(t.Context(), db, func(tx *sqlite.Tx) error {
			h, err := tenure.Of(tx, number)
			if err != nil {
				return err
			}
			c := h.Observe(o)
			for _, e := range c.Events {
				kinds = append(kinds, e.Kind)
			}
			return tenure.Record(tx, []tenure.Change{c}, time.UnixMilli(int64(1000*(i+1))), "test")
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return kinds
}

func history(t testing.TB, db *sqlite.DB) tenure.History {
	t.Helper()
	h, err := sqlite.Read(t.Context(), db, func(tx *sqlite.Tx) (tenure.History, error) { return tenure.Of(tx, number) })
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestWhatASnapshotSays(t *testing.T) {
	first := seen("2026-11-01", ada, "2020-01-01", 7)
	for name, c := range map[string]struct {
		then        []tenure.Observation
		want        []tenure.Kind
		generations int
		open        bool
	}{
		"nothing new":                {[]tenure.Observation{seen("2026-11-02", ada, "2020-01-01", 7)}, nil, 1, true},
		"another card is a swap":     {[]tenure.Observation{seen("2026-11-02", ada, "2020-01-01", 8)}, []tenure.Kind{tenure.Swap}, 1, true},
		"another holder is recycled": {[]tenure.Observation{seen("2026-11-02", bola, "2026-11-02", 8)}, []tenure.Kind{tenure.Recycled}, 2, true},
		"the same holder comes back": {[]tenure.Observation{seen("2026-11-02", ada, "2026-11-02", 8)}, []tenure.Kind{tenure.SameHolderReturn}, 2, true},
		"a holder who is not told":   {[]tenure.Observation{seen("2026-11-02", tenure.Holder{}, "2026-11-02", 8)}, []tenure.Kind{tenure.Reissued}, 2, true},
		"missing":                    {[]tenure.Observation{as(seen("2026-11-02", ada, "2020-01-01", 7), "missing")}, []tenure.Kind{tenure.Ended}, 1, false},
		"churned, then missing":      {[]tenure.Observation{as(seen("2026-11-02", ada, "2020-01-01", 7), "churned"), as(seen("2026-11-03", ada, "2020-01-01", 7), "missing")}, []tenure.Kind{tenure.Ended}, 1, false},
		"a reversal":                 {[]tenure.Observation{as(seen("2026-11-02", ada, "2020-01-01", 7), "churned"), seen("2026-11-03", ada, "2020-01-01", 7)}, []tenure.Kind{tenure.Ended, tenure.Reversal}, 1, true},
		"churned, then recycled":     {[]tenure.Observation{as(seen("2026-11-02", ada, "2020-01-01", 7), "churned"), seen("2026-11-09", bola, "2026-11-08", 9)}, []tenure.Kind{tenure.Ended, tenure.Recycled}, 2, true},
		"a port":                     {[]tenure.Observation{at(seen("2026-11-02", ada, "2026-11-02", 8), "AIRTEL")}, []tenure.Kind{tenure.Port}, 1, true},
		"missing, then ported":       {[]tenure.Observation{as(seen("2026-11-02", ada, "2020-01-01", 7), "missing"), at(seen("2026-11-02", ada, "2026-11-02", 8), "AIRTEL")}, []tenure.Kind{tenure.Ended, tenure.Port}, 1, true},
		"ported, then missing there": {[]tenure.Observation{at(seen("2026-11-02", ada, "2026-11-02", 8), "AIRTEL"), as(seen("2026-11-02", ada, "2020-01-01", 7), "missing")}, []tenure.Kind{tenure.Port}, 1, true},
		"ported, then a swap":        {[]tenure.Observation{at(seen("2026-11-02", ada, "2026-11-02", 8), "AIRTEL"), at(seen("2026-11-03", ada, "2026-11-02", 9), "AIRTEL")}, []tenure.Kind{tenure.Port, tenure.Swap}, 1, true},
		"a name told differently":    {[]tenure.Observation{seen("2026-11-02", bola, "2020-01-01", 7)}, []tenure.Kind{tenure.Correction}, 1, true},
		"recycled at another one":    {[]tenure.Observation{at(seen("2026-11-02", bola, "2026-11-02", 8), "GLO")}, []tenure.Kind{tenure.Recycled}, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			db := storetest.Open(t)
			tell(t, db, first)
			got := tell(t, db, c.then...)
			if len(got) != len(c.want) {
				t.Fatalf("events %v, want %v", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("events %v, want %v", got, c.want)
				}
			}
			h := history(t, db)
			if len(h) != c.generations || h.Present().Open() != c.open {
				t.Errorf("history %+v, want %d generations, open %t", h, c.generations, c.open)
			}
		})
	}
}

func TestEndIsAnInterval(t *testing.T) {
	db := storetest.Open(t)
	tell(t, db, seen("2026-11-01", ada, "2020-01-01", 7))
	gone := as(seen("2026-11-09", ada, "2020-01-01", 7), "missing")
	gone.Seen = d("2026-11-01")
	tell(t, db, gone)
	s := history(t, db).Present()
	if s.Last != d("2026-11-01") || s.To != d("2026-11-09") {
		t.Errorf("ended between %s and %s, want between the day it was seen last and the day it was missing", s.Last, s.To)
	}
}

func TestAnswersAsKnownOnAPastDate(t *testing.T) {
	db := storetest.Open(t)
	tell(t, db, seen("2026-11-01", ada, "2020-01-01", 7), as(seen("2026-11-02", ada, "2020-01-01", 7), "churned"), seen("2026-11-03", ada, "2020-01-01", 7))
	for ms, open := range map[int64]bool{1500: true, 2500: false, 3500: true} {
		h, err := sqlite.Read(t.Context(), db, func(tx *sqlite.Tx) (tenure.History, error) {
			return tenure.AsKnown(tx, number, time.UnixMilli(ms))
		})
		if err != nil || len(h) != 1 || h.Present().Open() != open {
			t.Errorf("as known at %d: %+v, %v; want open %t", ms, h, err, open)
		}
	}
	all, err := sqlite.Read(t.Context(), db, func(tx *sqlite.Tx) ([]tenure.Statement, error) { return tenure.Everything(tx, number) })
	if err != nil || len(all) != 3 {
		t.Errorf("%d statements are kept, want all 3 (%v)", len(all), err)
	}
}

func TestStatementsCannotBeChanged(t *testing.T) {
	db := storetest.Open(t)
	tell(t, db, seen("2026-11-01", ada, "2020-01-01", 7))
	for _, attack := range []string{`UPDATE tenure SET holder = 9`, `UPDATE tenure SET from_day = 1`, `DELETE FROM tenure`} {
		if err := sqlite.Do(t.Context(), db, func(tx *sqlite.Tx) error { _, err := sqlite.Exec(tx, attack); return err }); err == nil {
			t.Errorf("%s went through", attack)
		}
	}
}

func TestBothQuestions(t *testing.T) {
	db := storetest.Open(t)
	tell(t, db, seen("2026-11-01", ada, "2020-01-01", 7), as(seen("2026-11-05", ada, "2020-01-01", 7), "churned"), seen("2026-11-20", bola, "2026-11-15", 8))
	h := history(t, db)
	cover := tenure.Coverage{Operator: "MTN", From: d("2026-11-01"), To: d("2026-11-20")}
	for on, want := range map[string][2]tenure.Answer{ // recycled, reassigned
		"2021-01-01": {tenure.Yes, tenure.Yes},
		"2026-11-05": {tenure.Yes, tenure.Yes},
		"2026-11-10": {tenure.Yes, tenure.No}, // in the gap
		"2026-11-14": {tenure.Yes, tenure.No},
		"2026-11-15": {tenure.No, tenure.No},
		"2026-11-20": {tenure.No, tenure.No},
	} {
		if got := h.RecycledSince(d(on)); got != want[0] {
			t.Errorf("recycled since %s: %s, want %s", on, got, want[0])
		}
		if got := h.ReassignedSince(d(on), cover); got != want[1] {
			t.Errorf("reassigned since %s: %s, want %s", on, got, want[1])
		}
	}
	var unknown tenure.History
	if unknown.RecycledSince(d("2026-11-01")) != tenure.NoData || unknown.ReassignedSince(d("2026-10-01"), cover) != tenure.NoData {
		t.Error("absence of knowledge was answered as something else")
	}
	if unknown.ReassignedSince(d("2026-11-02"), cover) != tenure.No {
		t.Error("a number that is not listed, after the start of coverage, is a no")
	}
}

func TestSameHolderNeverCountsAsChanged(t *testing.T) {
	db := storetest.Open(t)
	tell(t, db, seen("2026-11-01", ada, "2020-01-01", 7), as(seen("2026-11-05", ada, "2020-01-01", 7), "churned"), seen("2026-11-20", ada, "2026-11-15", 8))
	h := history(t, db)
	if got := h.RecycledSince(d("2025-01-01")); got != tenure.No {
		t.Errorf("recycled since 2025: %s, want no: the same person has it back", got)
	}
	if run := h.PresentRun(); run.From != d("2020-01-01") {
		t.Errorf("the present run began %s", run.From)
	}
}

// TestAnyStoryKeepsTheLogWhole plays random feeds and checks what must always hold.
func TestAnyStoryKeepsTheLogWhole(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var h tenure.History
		on := d("2026-01-01")
		for range rapid.IntRange(1, 12).Draw(r, "feeds") {
			seenLast := on
			on += day.Day(rapid.IntRange(1, 9).Draw(r, "days"))
			o := tenure.Observation{
				MSISDN: number, Day: on, Seen: seenLast,
				Operator:  rapid.SampledFrom([]string{"MTN", "GLO"}).Draw(r, "operator"),
				Holder:    rapid.SampledFrom([]tenure.Holder{ada, bola, {}}).Draw(r, "holder"),
				Activated: rapid.SampledFrom([]day.Day{day.None, on, on - 1, d("2020-01-01")}).Draw(r, "activated"),
				Card:      rapid.Int64Range(1, 3).Draw(r, "card"),
				EndedAs:   rapid.SampledFrom([]string{"", "", "churned", "missing"}).Draw(r, "ended"),
			}
			h = play(h, h.Observe(o))
			again := h.Observe(o)
			if len(again.Events) > 0 {
				r.Fatalf("the same row said something new twice: %+v after %+v", again.Events, h)
			}
			for i, s := range h {
				if s.Generation != i+1 {
					r.Fatalf("generations %+v", h)
				}
				if i < len(h)-1 && s.Open() {
					r.Fatalf("generation %d is open and has a successor: %+v", s.Generation, h)
				}
				if s.To != day.None && s.Last != day.None && s.Last >= s.To {
					r.Fatalf("known to go on until %s and to be over on %s", s.Last, s.To)
				}
			}
		}
	})
}

// play applies a change to a history in memory.
func play(h tenure.History, c tenure.Change) tenure.History {
	out := tenure.History{}
	for _, s := range h {
		gone := false
		for _, x := range c.Retract {
			gone = gone || x == s
		}
		if !gone {
			out = append(out, s)
		}
	}
	out = append(out, c.Add...)
	for i := range out {
		for j := i + 1; j < len(out); j++ {
			if out[j].Generation < out[i].Generation {
				out[i], out[j] = out[j], out[i]
			}
		}
	}
	return out
}

func TestManyHistoriesAreAsEachIs(t *testing.T) {
	db := storetest.Open(t)
	tell(t, db, seen("2026-11-01", ada, "2020-01-01", 7), seen("2026-11-02", bola, "2026-11-02", 8))
	all, err := sqlite.Read(t.Context(), db, func(tx *sqlite.Tx) ([]tenure.History, error) {
		return tenure.OfEach(tx, []int64{number - 1, number, number + 1})
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 3 || len(all[0]) != 0 || !slices.Equal(all[1], history(t, db)) || len(all[2]) != 0 {
		t.Errorf("got %v", all)
	}
}

// Tenures of the past may come in any order: the record is the same.
func TestThePastFitsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var all []tenure.Statement
		from := d("2010-01-01")
		for i := range rapid.IntRange(1, 6).Draw(r, "tenures") {
			from += day.Day(rapid.IntRange(0, 400).Draw(r, "gap"))
			to := from + day.Day(rapid.IntRange(1, 400).Draw(r, "days"))
			all = append(all, tenure.Statement{MSISDN: number, From: from, Activated: from, To: to, Last: to - 1, Operator: "MTN", Card: int64(i),
				Holder: tenure.Holder{Kind: tenure.ID, Token: int64(rapid.IntRange(1, 3).Draw(r, "holder"))}})
			from = to
		}
		present := tenure.Statement{MSISDN: number, Generation: 1, From: from, Activated: from, To: day.None, Last: day.None, Operator: "MTN",
			Holder: tenure.Holder{Kind: tenure.ID, Token: 1}}
		h := tenure.History{present}
		for _, told := range rapid.Permutation(all).Draw(r, "order") {
			for range 2 { // the second time it is known
				c, refusal := h.Fit(told)
				if refusal != "" {
					r.Fatalf("%v is refused: %s", told, refusal)
				}
				h = slices.DeleteFunc(h, func(s tenure.Statement) bool { return slices.Contains(c.Retract, s) })
				h = append(h, c.Add...)
				slices.SortFunc(h, func(a, b tenure.Statement) int { return a.Generation - b.Generation })
			}
			overlap := told
			overlap.To++
			if _, refusal := h.Fit(overlap); refusal == "" && len(h) > 1 && overlap.To > present.From {
				r.Fatalf("%v is taken in though it overlaps", overlap)
			}
		}
		if len(h) != len(all)+1 || h[len(all)] != present {
			r.Fatalf("%v", h)
		}
		for i, s := range all {
			if h[i].From != s.From || h[i].Generation != i+1-len(all) || h[i].Card != s.Card {
				r.Fatalf("%d is %v, want %v", i, h[i], s)
			}
		}
	})
}
