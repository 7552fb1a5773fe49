package linkage_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"reconexus/app/jobs"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/linkage"
)

// BenchmarkImport takes a file of linkages in, as a job does, and says rows a second.
// RECONEXUS_ROWS sets how many (200,000 when it is not set).
func BenchmarkImport(b *testing.B) {
	rows := 200_000
	if n, err := strconv.Atoi(os.Getenv("RECONEXUS_ROWS")); err == nil {
		rows = n
	}
	for _, order := range []string{"ascending", "shuffled"} {
		b.Run(order, func(b *testing.B) {
			content := manyLinkages(rows, order == "shuffled")
			for b.Loop() {
				b.StopTimer()
				d := open(b)
				d.Start(d.Jobs)
				b.StartTimer()
				start := time.Now()
				job, err := d.service.Import(b.Context(), d.Who, "bench.csv", bytes.NewReader(content), intake.As{})
				if err != nil {
					b.Fatal(err)
				}
				if job, err = d.Jobs.Wait(b.Context(), job.ID, 10*time.Minute); err != nil || job.State != jobs.Succeeded {
					b.Fatal(job.State, err, d.Logged())
				}
				b.ReportMetric(float64(rows)/time.Since(start).Seconds(), "rows/s")
			}
		})
	}
}

// manyLinkages writes a file in which every third linkage is a BVN.
func manyLinkages(rows int, shuffled bool) []byte {
	order := make([]int, rows)
	for i := range order {
		order[i] = i
	}
	if shuffled {
		rand.New(rand.NewPCG(1, 2)).Shuffle(rows, func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	out := bytes.NewBufferString("MSISDN,KIND,NUMBER,LINKED_DATE,SOURCE,BANK\n")
	for _, i := range order {
		kind, source, bank := linkage.NIN.String(), "NIMC", ""
		if i%3 == 2 {
			kind, source, bank = linkage.BVN.String(), "NIBSS", "044"
		}
		fmt.Fprintf(out, "234803%07d,%s,%011d,20%02d-%02d-%02d,%s,%s\n", i/3*2, kind, 20000000000+i*7, 10+i%16, 1+i%12, 1+i%28, source, bank)
	}
	return out.Bytes()
}
