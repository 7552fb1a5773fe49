package sims_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"reconexus/app/reconix/sims"
	"reconexus/store/sqlite"
)

// An import that finds recyclings calls Recycled for each, within its own write: aim
// 40 µs.
func BenchmarkRecycled(b *testing.B) {
	h := open(b)
	h.fill(20_000)
	number := int64(2348099000000)
	b.ResetTimer()
	for done := 0; done < b.N; done += 1000 {
		h.write(func(tx *sqlite.Tx) error {
			for i := range min(1000, b.N-done) {
				_, err := h.service.Recycled(tx, sims.Recycling{
					MSISDN: number + int64(done+i), Generation: 2, Operator: "MTN", SIMSerial: fmt.Sprint(8923400000000000000 + uint64(done+i)),
					Recycled: on("2026-11-19"), Deactivated: on("2026-11-01"), Method: sims.Reconciliation,
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// The contract wants 10,000 records in under a second, from request to answer.
func BenchmarkBulk(b *testing.B) {
	h := open(b)
	for n := 0; b.Loop(); n++ {
		body := bulkOf(10_000, n)
		start := time.Now()
		a := h.must(200, "POST", "/recycled-sims/bulk", body)
		b.ReportMetric(time.Since(start).Seconds()*1000, "ms/10,000")
		if a.body["successful"] != 10_000.0 {
			b.Fatalf("%.500s", a.raw)
		}
	}
}

func bulkOf(records, salt int) string {
	rows := make([]map[string]string, records)
	for i := range rows {
		rows[i] = map[string]string{
			"msisdn": fmt.Sprintf("0803%07d", i), "sim_serial": fmt.Sprint(8923400000000000000 + uint64(salt*records+i)), "imsi": fmt.Sprintf("62130%010d", i),
			"operator_code": "MTN", "date_recycled": "2026-11-19", "date_deactivated": "2026-08-01",
			"previous_owner_nin": fmt.Sprintf("1%010d", i), "previous_owner_name": "Adaeze Okonkwo", "previous_owner_bvn": fmt.Sprintf("22%09d", i),
		}
	}
	body, _ := json.Marshal(map[string]any{"sims": rows})
	return string(body)
}

// A page of a million within 50 ms, whatever is asked for.
func BenchmarkPageOfAMillion(b *testing.B) {
	h := open(b)
	h.fill(1_000_000)
	for _, q := range []string{
		"", "?skip=5000", "?sort=-risk_score", "?sort=msisdn", "?sort=date_recycled", "?operator_code=SMILE", "?operator_code=MTN&cleanup_status=pending",
		"?operator_code=MTN&cleanup_status=failed&sort=-risk_score", "?risk_min=1", "?risk_min=0.4&linkage_status=resolved", "?from=2026-11-01&to=2026-11-02",
		"?from=2026-01-01", "?q=0803123", "?q=0803", "?q=8923400000000000", "?msisdn=08031234567", "?operator_code=SMILE&sort=-risk_score&from=2026-01-01",
	} {
		b.Run("list"+q, func(b *testing.B) {
			for b.Loop() {
				h.must(200, "GET", "/recycled-sims"+q, "")
			}
		})
	}
}
