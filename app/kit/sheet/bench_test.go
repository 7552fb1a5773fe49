package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"
)

// inventory is a file as an operator sends it: seven columns, some 90 bytes a
// row.
func inventory(rows int, row func(b *bytes.Buffer, i int)) []byte {
	var b bytes.Buffer
	b.WriteString("MSISDN,IMSI,SIM_SERIAL,ACTIVATION_DATE,NAME,STATUS,LGA\n")
	for i := range rows {
		row(&b, i)
	}
	return b.Bytes()
}

func plainRow(b *bytes.Buffer, i int) {
	fmt.Fprintf(b, "234803%07d,62130%010d,89234%014d,2026-%02d-%02d,Chukwuemeka Okafor,active,Ikeja\n", i%1e7, i, i, i%12+1, i%28+1)
}

func quotedRow(b *bytes.Buffer, i int) {
	fmt.Fprintf(b, "\"234803%07d\",\"62130%010d\",\"89234%014d\",\"2026-%02d-%02d\",\"Chukwuemeka Okafor\",\"active\",\"Ikeja\"\n", i%1e7, i, i, i%12+1, i%28+1)
}

func benchSpec() Spec {
	return Spec{Columns: []Column{{Name: "MSISDN", Required: true}, {Name: "IMSI"}, {Name: "SIM_SERIAL"}, {Name: "ACTIVATION_DATE"}, {Name: "NAME"}}}
}

// BenchmarkRead reads all cells; with "key" it does what an importer does with
// the rows that have not changed since yesterday: one cell and the whole row.
func BenchmarkRead(b *testing.B) {
	plain := inventory(300000, plainRow)
	for _, c := range []struct {
		name  string
		data  []byte
		cells int
	}{
		{"plain", plain, 5},
		{"plain-key", plain, 1},
		{"quoted", inventory(300000, quotedRow), 5},
		{"quoted-key", inventory(300000, quotedRow), 1},
		{"one-quote-a-block", bytes.Replace(plain, []byte("Ikeja"), []byte("\"Ikeja\""), 1), 5},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.data)))
			b.ReportAllocs()
			start := cpuTime()
			for b.Loop() {
				readAll(b, c.data, c.cells)
			}
			used := (cpuTime() - start).Seconds()
			b.ReportMetric(float64(b.N)*float64(len(c.data))/used/1e6, "MB/cpu-s")
			b.ReportMetric(float64(b.N)*300000/used/1e6, "Mrows/cpu-s")
		})
	}
}

func readAll(b *testing.B, data []byte, cells int) {
	f, err := Open(bytes.NewReader(data), benchSpec())
	if err != nil {
		b.Fatal(err)
	}
	bytesSeen := 0
	for {
		block, err := f.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		block.Rows(func(r *Row) bool {
			if cells > 1 && r.Err() != nil {
				b.Fatal(r.Err())
			}
			for i := range cells {
				bytesSeen += len(r.Cell(i))
			}
			return true
		})
		block.Release()
	}
	if f.RowsSeen() != 300000 || bytesSeen == 0 {
		b.Fatal(f.RowsSeen())
	}
}

// cpuTime is what this process has used of processors. The machine is shared,
// so time on the wall says little.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkNext is the part that cannot be shared among cores.
func BenchmarkNext(b *testing.B) {
	for name, data := range map[string][]byte{"plain": inventory(300000, plainRow), "quoted": inventory(300000, quotedRow)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				f, err := Open(bytes.NewReader(data), benchSpec())
				if err != nil {
					b.Fatal(err)
				}
				for {
					block, err := f.Next()
					if err != nil {
						break
					}
					block.Release()
				}
			}
		})
	}
}

func BenchmarkParseDate(b *testing.B) {
	for format, cell := range map[DateFormat]string{ISO: "2026-11-20", DayFirst: "20/11/2026", MonthName: "20-Nov-2026", ExcelSerial: "46346"} {
		b.Run(strings.ReplaceAll(format.String(), "/", "."), func(b *testing.B) {
			b.ReportAllocs()
			cell := []byte(cell)
			for b.Loop() {
				if _, err := ParseDate(format, cell); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDateProfile(b *testing.B) {
	for _, cell := range []string{"2026-11-20", "20/11/2026"} {
		b.Run(strings.ReplaceAll(cell, "/", "."), func(b *testing.B) {
			b.ReportAllocs()
			var p DateProfile
			cell := []byte(cell)
			for b.Loop() {
				p.Add(1, cell)
			}
		})
	}
}
