package inventory_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reconexus/app/jobs"
	"reconexus/app/kit/day"
	"reconexus/app/kit/fault"
	"reconexus/app/reconix/intake"
	"reconexus/app/reconix/inventory"
)

// What a person says of columns and dates is kept with the job: also a program that was
// ended in between reads the file by it.
func TestAPersonSaysWhereColumnsAre(t *testing.T) {
	const body = "Line,Since,Whose,Ref\n08031234567,02/01/2020,Ada Okafor,1\n08031234568,03/04/2020,Bola Ade,2\n"
	for name, c := range map[string]struct {
		body string
		as   intake.As
		day  string
	}{
		"day first":        {body, intake.As{Columns: "MSISDN:1,ACTIVATION_DATE:2,SUBSCRIBER_NAME:Whose", DateOrder: "dmy"}, "2020-04-03"},
		"month first":      {body, intake.As{Columns: "MSISDN:Line,ACTIVATION_DATE:Since,SUBSCRIBER_NAME:3", DateOrder: "mdy"}, "2020-03-04"},
		"without a header": {body[strings.IndexByte(body, '\n')+1:], intake.As{Columns: "MSISDN:1,ACTIVATION_DATE:2,SUBSCRIBER_NAME:3", DateOrder: "dmy"}, "2020-04-03"},
		"a list of events": {"Line,Since,Whose,What\n08031234567,02/01/2020,Ada,activated\n08031234568,03/04/2020,Bola,activated\n",
			intake.As{Columns: "MSISDN:1,DATE:2,SUBSCRIBER_NAME:3,EVENT:4", DateOrder: "dmy"}, "2020-04-03"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l := open(t, dir)
			j, err := l.Receive(t.Context(), clerk, inventory.Delivery{Operator: "MTN", Day: day.None, Body: strings.NewReader(c.body), As: c.as})
			if err != nil {
				t.Fatal(err)
			}
			l.close()
			l = open(t, dir)
			j, r := l.wait(j)
			if j.State != jobs.Succeeded {
				t.Fatalf("%s: %v", j.State, *j.Error)
			}
			if r.Rejected > 0 {
				list, _ := os.ReadFile(filepath.Join(l.jobs.Folder(j.ID), "errors.csv"))
				t.Errorf("%s", list)
			}
			days := l.count(`SELECT count(*) FROM tenure WHERE msisdn = 2348031234568 AND from_day = (julianday('` + c.day + `') - julianday('1970-01-01'))`)
			if all := l.count(`SELECT count(*) FROM tenure`); all != 2 || days != 1 {
				t.Errorf("%d tenures, %d of them from %s", all, days, c.day)
			}
		})
	}
}

func TestColumnsThatCannotBeAreRefusedAtOnce(t *testing.T) {
	l := open(t, t.TempDir())
	body := []byte("Line,Since\n08031234567,25/01/2020\n")
	for _, columns := range []string{"MSISDN", "COLOUR:1", "MSISDN:1", "MSISDN:1,ACTIVATION_DATE:7", "MSISDN:Phone line,ACTIVATION_DATE:2", "MSISDN:1,ACTIVATION_DATE:1"} {
		_, err := l.Receive(t.Context(), clerk, inventory.Delivery{Operator: "MTN", Day: day.None, Body: bytes.NewReader(body), As: intake.As{Columns: columns}})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", columns, err)
		}
	}
	if left, err := os.ReadDir(filepath.Join(l.dir, "spool")); err != nil || len(left) > 0 {
		t.Errorf("refused uploads are kept: %v %v", left, err)
	}
	j, err := l.Receive(t.Context(), clerk, inventory.Delivery{Operator: "MTN", Day: day.None, Body: bytes.NewReader(body), As: intake.As{Columns: "MSISDN:1,ACTIVATION_DATE:2", DateOrder: "mdy"}})
	if err != nil {
		t.Fatal(err)
	}
	if j, _ = l.wait(j); j.State != jobs.Failed || !strings.Contains(*j.Error, "25/01/2020") {
		t.Errorf("an order that the file contradicts: %s %v", j.State, j.Error)
	}
}
