package identity_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"reconexus/app/access"
	"reconexus/app/reconix/numbering"
	"reconexus/app/reconix/tenure"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
)

const benchNumbers = 20_000

func many(b *testing.B) *desk {
	d := open(b)
	for from := 0; from < benchNumbers; from += 1000 {
		d.Write(func(tx *sqlite.Tx) error {
			var all []tenure.Statement
			for i := range 1000 {
				s := d.History(2348030000000+int64(from+i), held{From: "2020-01-01", By: ada})[0]
				s.Learnt, s.Source = d.Clock(), "bench"
				all = append(all, s)
			}
			return tenure.First(tx, all)
		})
	}
	for i := range 500 {
		d.linked(fmt.Sprintf("+234803%07d", i*40), "NIN", fmt.Sprintf("%011d", 10000000000+i), "2021-01-01")
	}
	d.Feed("MTN", "2026-10-01", "2026-11-20")
	return d
}

// BenchmarkBrief is the answer alone: one read of the store and the conclusions.
func BenchmarkBrief(b *testing.B) {
	d := many(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		n := numbering.MSISDN(2348030000000 + i*7919%benchNumbers)
		if a, err := d.service.Brief(b.Context(), d.Who, n); err != nil || a.Status != "ACTIVE" {
			b.Fatal(a, err)
		}
	}
}

// BenchmarkStatusRoute is the route behind the router, without the pipeline.
func BenchmarkStatusRoute(b *testing.B) {
	d := many(b)
	door, ctx := d.Door(), access.With(b.Context(), d.Who)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/identity/msisdn/+%d/status", rest.Base, 2348030000000+i*7919%benchNumbers), nil)
		w := httptest.NewRecorder()
		if door.ServeHTTP(w, r); w.Code != 200 {
			b.Fatal(w.Body)
		}
		if i%10_000 == 0 {
			if err := d.service.Lookups().Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
}
