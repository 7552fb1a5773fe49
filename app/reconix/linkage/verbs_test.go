package linkage_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/reconixtest"
	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// stories writes numbers with drawn histories and linkages, and answers them.
func stories(t *testing.T, d *desk, n int) []int64 {
	t.Helper()
	draw := rand.New(rand.NewPCG(7, 11))
	names := []string{"ADA OBI", "BOLA AHMED TINU", "CHIKE EZE", ""}
	nins := []string{"12034561234", "12034569999"}
	on := func(year int) string { return fmt.Sprintf("20%02d-%02d-%02d", year, 1+draw.IntN(12), 1+draw.IntN(28)) }
	var all []int64
	for i := range n {
		msisdn := int64(2348031000000 + i)
		all = append(all, msisdn)
		var lives []held
		for g := range draw.IntN(4) {
			h := held{From: on(10 + 3*g), To: on(12 + 3*g), By: names[draw.IntN(len(names))]}
			if draw.IntN(3) == 0 {
				h.NIN = nins[draw.IntN(len(nins))]
			}
			if draw.IntN(8) == 0 {
				h.From = ""
			}
			lives = append(lives, h)
		}
		if len(lives) > 0 {
			if draw.IntN(3) > 0 {
				lives[len(lives)-1].To = ""
			}
			d.Tenures(msisdn, lives...)
		}
		for _, r := range []linkage.Report{
			{Kind: linkage.NIN, Number: nins[draw.IntN(len(nins))], Source: "NIMC"},
			{Kind: linkage.BVN, Number: "22987601234", Bank: "044", Source: "NIBSS"},
		} {
			r.MSISDN, r.From = fmt.Sprint("+", msisdn), d.Day(on(9+draw.IntN(12)))
			if draw.IntN(6) == 0 {
				r.From = d.Day("")
			}
			if _, err := d.service.Report(t.Context(), reconixtest.Admin(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	return all
}

// The one statement that settles most linkages must never say more than the rule.
func TestWhatIsSettledAtOnceIsWhatJudgeFindsClean(t *testing.T) {
	d := open(t)
	numbers := stories(t, d, 400)
	settled := 0
	d.Write(func(tx *sqlite.Tx) error {
		n, err := linkage.SettleClean(tx, numbers[0], numbers[len(numbers)-1], d.Clock())
		settled = int(n)
		return err
	})
	seen := map[linkage.Verdict]int{}
	d.Write(func(tx *sqlite.Tx) error {
		for _, n := range numbers {
			h, err := tenure.Of(tx, n)
			if err != nil {
				return err
			}
			all, err := linkage.Of(tx, n)
			if err != nil {
				return err
			}
			for _, l := range all {
				want, reason := linkage.Judge(h, l)
				seen[want]++
				if l.Verdict == linkage.Clean && want != linkage.Clean {
					t.Errorf("settled as clean, but %s: %s\n%+v\n%+v", want, reason, l, h)
				}
			}
		}
		return nil
	})
	if settled < 100 || len(seen) != 4 {
		t.Errorf("the stories show too little: %d settled, %v", settled, seen)
	}
}

func TestVerdictsAreAskedForAgain(t *testing.T) {
	d := open(t)
	numbers := stories(t, d, 60)
	first, last := numbers[0], numbers[len(numbers)-1]
	scan := func() (judged map[linkage.Verdict]int) {
		judged = map[linkage.Verdict]int{}
		d.Write(func(tx *sqlite.Tx) error {
			after, waiting := int64(0), int64(0)
			total, err := linkage.Waiting(tx, false)
			for more := err == nil; more; {
				var from, to int64
				if from, to, more, err = linkage.Range(tx, after, 10, false); err != nil || !more {
					break
				}
				list, wrong := linkage.UncheckedIn(tx, from, to)
				if err = wrong; err != nil {
					break
				}
				if from <= after || !slices.IsSortedFunc(list, func(a, b linkage.Linkage) int { return int(a.MSISDN - b.MSISDN) }) {
					t.Errorf("the range %d to %d behind %d is out of order", from, to, after)
				}
				for _, l := range list {
					h, wrong := tenure.Of(tx, l.MSISDN)
					v, reason := linkage.Judge(h, l)
					judged[v]++
					waiting++
					if err = wrong; err == nil {
						err = linkage.Decide(tx, l, v, reason, d.Clock())
					}
				}
				after = to
			}
			if waiting != total {
				t.Errorf("%d were judged of %d that waited", waiting, total)
			}
			return err
		})
		return judged
	}
	once := scan()
	if once[linkage.Clean]+once[linkage.Stale]+once[linkage.Review]+once[linkage.NoData] != 120 {
		t.Fatal(once)
	}
	if again := scan(); len(again) != 0 {
		t.Errorf("judged without a reason: %v", again)
	}
	flagged := map[linkage.Verdict]int{}
	d.Write(func(tx *sqlite.Tx) error {
		return linkage.EachFlagged(tx, func(msisdn int64, k linkage.Kind, v linkage.Verdict) error {
			flagged[v]++
			nin, bvn, err := linkage.StaleOf(tx, msisdn)
			if v == linkage.Stale && !(nin && k == linkage.NIN) && !(bvn && k == linkage.BVN) {
				t.Errorf("%s of %d is flagged, but not among the stale", k, msisdn)
			}
			return err
		})
	})
	if flagged[linkage.Stale] != once[linkage.Stale] || flagged[linkage.Review] != once[linkage.Review] {
		t.Errorf("flagged %v of %v", flagged, once)
	}
	for _, c := range []struct {
		name string
		do   func(tx *sqlite.Tx) error
		want int
	}{
		{"a number's tenure changed", func(tx *sqlite.Tx) error { return linkage.Recheck(tx, []int64{first}) }, 2},
		{"numbers became known", func(tx *sqlite.Tx) error { return linkage.Arrived(tx, first, last) }, once[linkage.NoData]},
		{"all of a range", func(tx *sqlite.Tx) error { return linkage.RecheckRange(tx, first, last) }, 120},
	} {
		d.Write(c.do)
		got := scan()
		if n := got[linkage.Clean] + got[linkage.Stale] + got[linkage.Review] + got[linkage.NoData]; n != c.want {
			t.Errorf("%s: %d judged again, want %d", c.name, n, c.want)
		}
	}
}

// Imports ask for new verdicts with every change of tenure, so that must cost nothing.
func BenchmarkRecheck(b *testing.B) {
	d := open(b)
	d.reportNIN(msisdn)
	d.Write(func(tx *sqlite.Tx) error {
		for i := 0; b.Loop(); i++ {
			if err := linkage.Recheck(tx, []int64{number - int64(i%2)}); err != nil {
				return err
			}
		}
		return nil
	})
}
