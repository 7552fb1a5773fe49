package linkage_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reconexus/app/access"
	"reconexus/app/reconix/linkage"
	"reconexus/app/reconix/reconixtest"
	"reconexus/store/sqlite"
)

// desk is the feature behind its front door.
type desk struct {
	*reconixtest.House
	service *linkage.Service
}

func open(t testing.TB) *desk {
	t.Helper()
	d := &desk{House: reconixtest.Open(t)}
	d.service = serve(d.House)
	d.service.Mount(d.API)
	d.Jobs.Mount(d.API, d.Audit)
	d.Write(func(tx *sqlite.Tx) error {
		for _, b := range [][2]string{{"044", "Access Bank"}, {"058", "Guaranty Trust Bank"}, {"50211", "Kuda"}} {
			if _, err := sqlite.Exec(tx, `INSERT INTO bank (code, name) VALUES (?, ?)`, b[0], b[1]); err != nil {
				return err
			}
		}
		return nil
	})
	return d
}

func serve(h *reconixtest.House) *linkage.Service {
	return linkage.New(linkage.Service{DB: h.DB, Dir: h.Dir, Clock: h.Clock, Ring: h.Ring, Keys: h.Keys, Table: h.Table, Audit: h.Audit, Jobs: h.Jobs, Log: h.Log})
}

const (
	msisdn = "+2348031234567"
	nin    = "71234509876"
	bvn    = "22987601234"
)

func (d *desk) report(path, body string) map[string]any {
	d.Helper()
	a := d.Ask(http.MethodPost, path, body)
	if a.Code != http.StatusCreated {
		d.Fatalf("POST %s answers %d: %s", path, a.Code, a.Text)
	}
	return a.Body
}

func (d *desk) reportNIN(number string) map[string]any {
	d.Helper()
	return d.report("/nin-linkages", `{"msisdn":"`+number+`","nin":"`+nin+`","source":"NIMC","linked_date":"2024-05-01"}`)
}

func (d *desk) reportBVN(number, bank string) map[string]any {
	d.Helper()
	return d.report("/bvn-linkages", `{"msisdn":"`+number+`","bvn":"`+bvn+`","source":"NIBSS","linked_date":"2024-05-01","bank_code":"`+bank+`"}`)
}

func TestAReportedLinkageIsListedFoundAndVerified(t *testing.T) {
	d := open(t)
	if a := d.Ask(http.MethodGet, "/nin-linkages", ""); a.Body["total"] != 0.0 {
		t.Fatal(a.Text)
	}
	made := d.reportNIN("0803 123 4567")
	if a := d.Ask(http.MethodGet, "/nin-linkages", ""); a.Body["total"] != 1.0 {
		t.Errorf("the total of before is still told: %s", a.Text)
	}
	if made["nin"] != "712****9876" || made["verdict"] != "unchecked" || made["is_active"] != true || made["linked_date"] != "2024-05-01" || made["msisdn"] != msisdn {
		t.Fatalf("made: %v", made)
	}
	id := made["id"].(string)
	for _, path := range []string{"/nin-linkages/" + id, "/nin-linkages?msisdn=+2348031234567", "/nin-linkages?msisdn=08031234567&is_active=true", "/nin-linkages"} {
		if a := d.Ask(http.MethodGet, path, ""); a.Code != 200 || !strings.Contains(a.Text, id) {
			t.Errorf("GET %s: %d %s", path, a.Code, a.Text)
		}
	}
	for _, path := range []string{"/bvn-linkages", "/nin-linkages?is_active=false", "/nin-linkages?msisdn=08031234568"} {
		if a := d.Ask(http.MethodGet, path, ""); a.Code != 200 || a.Body["total"] != 0.0 {
			t.Errorf("GET %s: %d %s", path, a.Code, a.Text)
		}
	}
	d.Tenures(number, held{From: "2024-01-01", By: "ADA OBI"})
	a := d.Ask(http.MethodPost, "/nin-linkages/verify", `{"msisdn":"08031234567"}`)
	if a.Code != 200 || a.Body["is_linked"] != true || a.Body["linked_since"] != "2024-05-01" || a.Body["source"] != "local_record" || a.Body["verdict"] != "clean" || a.Body["nin"] != "712****9876" {
		t.Errorf("verify: %d %s", a.Code, a.Text)
	}
	if a := d.Ask(http.MethodPost, "/bvn-linkages/verify", `{"msisdn":"08031234567"}`); a.Code != 200 || a.Body["is_linked"] != false || a.Body["linked_since"] != nil {
		t.Errorf("verify without one: %d %s", a.Code, a.Text)
	}
}

func TestTheSameReportChangesNothingAndMoreIsKept(t *testing.T) {
	d := open(t)
	first := d.reportNIN(msisdn)
	d.Write(func(tx *sqlite.Tx) error {
		return linkage.Decide(tx, one(t, tx), linkage.Stale, "It is.", d.Clock())
	})
	if again := d.reportNIN(msisdn); again["verdict"] != "stale" || again["id"] != first["id"] {
		t.Errorf("the same report again asks for a new verdict: %v", again)
	}
	later := d.report("/nin-linkages", `{"msisdn":"`+msisdn+`","nin":"`+nin+`","source":"MTN","linked_date":"2025-05-01"}`)
	if later["linked_date"] != "2024-05-01" || later["verdict"] != "stale" {
		t.Errorf("a later day displaces an earlier one: %v", later)
	}
	earlier := d.report("/nin-linkages", `{"msisdn":"`+msisdn+`","nin":"`+nin+`","source":"MTN","linked_date":"2023-05-01"}`)
	if earlier["linked_date"] != "2023-05-01" || earlier["verdict"] != "unchecked" {
		t.Errorf("an earlier day is not kept: %v", earlier)
	}
	remove := func(on string) {
		d.Write(func(tx *sqlite.Tx) error {
			_, err := sqlite.Exec(tx, `UPDATE linkage SET to_day = ?, verdict = 1`, int64(d.Day(on)))
			return err
		})
	}
	remove("2024-01-01")
	if back := d.report("/nin-linkages", `{"msisdn":"`+msisdn+`","nin":"`+nin+`","source":"MTN","linked_date":"2023-05-01"}`); back["is_active"] != true || back["linked_date"] != "2023-05-01" || back["verdict"] != "unchecked" {
		t.Errorf("a removed linkage that is reported is not active again: %v", back)
	}
	remove("2024-01-01")
	if anew := d.report("/nin-linkages", `{"msisdn":"`+msisdn+`","nin":"`+nin+`","source":"MTN","linked_date":"2025-02-03"}`); anew["is_active"] != true || anew["linked_date"] != "2025-02-03" {
		t.Errorf("a linkage made anew after its removal keeps the day of before: %v", anew)
	}
	remove("2026-01-01")
	if undated := d.report("/nin-linkages", `{"msisdn":"`+msisdn+`","nin":"`+nin+`","source":"MTN"}`); undated["linked_date"] != nil {
		t.Errorf("a linkage made anew on an unknown day keeps the day of before: %v", undated)
	}
	if a := d.Ask(http.MethodGet, "/nin-linkages", ""); a.Body["total"] != 1.0 {
		t.Errorf("one linkage became %v", a.Body["total"])
	}
}

func one(t *testing.T, tx *sqlite.Tx) linkage.Linkage {
	t.Helper()
	all, err := linkage.Of(tx, number)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d linkages, %v", len(all), err)
	}
	return all[0]
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	d := open(t)
	for _, c := range []struct{ path, body, code string }{
		{"/nin-linkages", `{"msisdn":"12","nin":"71234509876","source":"NIMC"}`, "WRONG_LENGTH"},
		{"/nin-linkages", `{"msisdn":"+2348031234567","nin":"7123450987","source":"NIMC"}`, "WRONG_LENGTH"},
		{"/nin-linkages", `{"msisdn":"+2348031234567","nin":"AB012345678901YZ","source":"NIMC"}`, "VIRTUAL_NIN"},
		{"/nin-linkages", `{"msisdn":"+2348031234567","nin":"7.12E+10","source":"NIMC"}`, "EXCEL_MANGLED"},
		{"/nin-linkages", `{"msisdn":"+2348031234567","nin":"71234509876","source":"71234509876"}`, "BAD_CHARACTER"},
		{"/nin-linkages", `{"msisdn":"+2348031234567","nin":"71234509876","source":"NIMC","linked_date":"2027-01-01"}`, "FUTURE"},
		{"/nin-linkages", `{"msisdn":"+2348031234567","nin":"71234509876","source":"NIMC","linked_date":"2026-02-30"}`, "FORMAT"},
		{"/nin-linkages", `{"msisdn":"+2348031234567","nin":"71234509876","source":"NIMC","extra":1}`, "UNKNOWN_PROPERTY"},
		{"/bvn-linkages", `{"msisdn":"+2348031234567","bvn":"22987601234","source":"NIBSS"}`, "REQUIRED"},
		{"/bvn-linkages", `{"msisdn":"+2348031234567","bvn":"22987601234","source":"NIBSS","bank_code":"999"}`, "UNKNOWN_BANK"},
		{"/nin-linkages/bulk-check", `{"msisdns":[]}`, "LENGTH"},
		{"/nin-linkages/bulk-check", `{"msisdns":["08031234567","nonsense"]}`, "BAD_CHARACTER"},
	} {
		a := d.Ask(http.MethodPost, c.path, c.body)
		if a.Code != 422 || !strings.Contains(a.Text, `"`+c.code+`"`) {
			t.Errorf("%s: %d %s, want %s", c.body, a.Code, a.Text, c.code)
		}
		if strings.Contains(a.Text, nin) || strings.Contains(a.Text, bvn) {
			t.Errorf("the answer repeats the number: %s", a.Text)
		}
	}
	for _, path := range []string{"/nin-linkages?is_active=perhaps", "/nin-linkages?colour=red", "/nin-linkages?msisdn=123", "/nin-linkages?limit=101", "/nin-linkages?after=nonsense"} {
		if a := d.Ask(http.MethodGet, path, ""); a.Code != 422 {
			t.Errorf("GET %s answers %d", path, a.Code)
		}
	}
	for _, path := range []string{"/nin-linkages/lnk_nonsense", "/nin-linkages/" + d.reportBVN(msisdn, "044")["id"].(string)} {
		if a := d.Ask(http.MethodGet, path, ""); a.Code != 404 {
			t.Errorf("GET %s answers %d", path, a.Code)
		}
	}
}

func TestPagesFollowEachOther(t *testing.T) {
	d := open(t)
	for i := range 7 {
		d.reportNIN(fmt.Sprintf("080312345%02d", i))
		d.reportBVN(fmt.Sprintf("080312345%02d", i), "044")
		d.reportBVN(fmt.Sprintf("080312345%02d", i), "058")
	}
	seen, next := map[string]bool{}, ""
	for page := 0; page == 0 || next != ""; page++ {
		a := d.Ask(http.MethodGet, "/bvn-linkages?limit=3&after="+next, "")
		if a.Code != 200 {
			t.Fatal(a.Text)
		}
		for _, item := range a.Body["items"].([]any) {
			seen[item.(map[string]any)["id"].(string)] = true
		}
		next, _ = a.Body["next"].(string)
		if page > 9 {
			t.Fatal("the pages do not end")
		}
	}
	if len(seen) != 14 {
		t.Errorf("%d linkages on all pages, want 14", len(seen))
	}
	if a := d.Ask(http.MethodGet, "/bvn-linkages?limit=3&skip=12", ""); a.Body["total"] != 14.0 || len(a.Body["items"].([]any)) != 2 {
		t.Errorf("the last page: %s", a.Text)
	}
}

func TestWhatAPersonMustLookAtIsAListOfItsOwn(t *testing.T) {
	d := open(t)
	for i := range 4 {
		d.reportNIN(fmt.Sprintf("080312345%02d", i))
	}
	d.Write(func(tx *sqlite.Tx) error {
		_, err := sqlite.Exec(tx, `UPDATE linkage SET verdict = msisdn - 2348031234500`)
		return err
	})
	for verdict, last := range map[string]string{"unchecked": "00", "stale": "02", "review": "03"} {
		a := d.Ask(http.MethodGet, "/nin-linkages?verdict="+verdict, "")
		items, _ := a.Body["items"].([]any)
		if a.Body["total"] != 1.0 || len(items) != 1 || items[0].(map[string]any)["msisdn"] != "+23480312345"+last || items[0].(map[string]any)["verdict"] != verdict {
			t.Errorf("%s: %s", verdict, a.Text)
		}
	}
	for _, wrong := range []string{"/nin-linkages?verdict=wrong", "/nin-linkages?verdict=stale&is_active=false"} {
		if a := d.Ask(http.MethodGet, wrong, ""); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s answers %d", wrong, a.Code)
		}
	}
}

func TestABulkCheckAnswersInTheOrderAsked(t *testing.T) {
	d := open(t)
	d.reportBVN("08031234501", "044")
	d.reportBVN("08031234503", "044")
	a := d.Ask(http.MethodPost, "/bvn-linkages/bulk-check", `{"msisdns":["08031234503","08031234502","+2348031234501","08031234503"]}`)
	if a.Code != 200 || a.Body["total_checked"] != 4.0 || a.Body["linked_count"] != 3.0 || a.Body["unlinked_count"] != 1.0 {
		t.Fatalf("%d %s", a.Code, a.Text)
	}
	var order []string
	for _, r := range a.Body["results"].([]any) {
		order = append(order, r.(map[string]any)["msisdn"].(string))
	}
	if strings.Join(order, " ") != "+2348031234503 +2348031234502 +2348031234501 +2348031234503" {
		t.Errorf("order: %v", order)
	}
}

// security.md class 1: whose number it is decides who sees what hangs on it.
func TestTenantsSeeTheirOwn(t *testing.T) {
	d := open(t)
	d.Tenures(number, held{From: "2020-01-01", By: "ADA OBI", Operator: "MTN"})
	d.Tenures(number+1, held{From: "2020-01-01", To: "2021-01-01", By: "ADA OBI", Operator: "MTN"}, held{From: "2022-01-01", By: "BOLA TINU", Operator: "GLO"})
	mine, other := msisdn, "+2348031234568"
	ids := map[string]string{}
	for _, n := range []string{mine, other} {
		ids["nin"+n] = d.reportNIN(n)["id"].(string)
		ids["044"+n] = d.reportBVN(n, "044")["id"].(string)
		ids["058"+n] = d.reportBVN(n, "058")["id"].(string)
	}
	for _, c := range []struct {
		who  access.Principal
		sees []string
	}{
		{reconixtest.Admin(), []string{"nin" + mine, "044" + mine, "058" + mine, "nin" + other, "044" + other, "058" + other}},
		{reconixtest.Of(access.Operator, "MTN"), []string{"nin" + mine, "044" + mine, "058" + mine}},
		{reconixtest.Of(access.Operator, "GLO"), []string{"nin" + other, "044" + other, "058" + other}},
		{reconixtest.Of(access.Operator, "T2"), nil},
		{reconixtest.Of(access.Bank, "044"), []string{"044" + mine, "044" + other}},
		{reconixtest.Of(access.Bank, "50211"), nil},
	} {
		d.Who = c.who
		got := map[string]bool{}
		for name, id := range ids {
			kind := "/bvn-linkages"
			if strings.HasPrefix(name, "nin") {
				kind = "/nin-linkages"
			}
			one := d.Ask(http.MethodGet, kind+"/"+id, "")
			list := d.Ask(http.MethodGet, kind, "")
			number := d.Ask(http.MethodGet, kind+"?msisdn="+name[strings.Index(name, "+")+1:], "")
			if shown := one.Code == 200; shown != strings.Contains(list.Text, id) || shown != strings.Contains(number.Text, id) {
				t.Errorf("%s: the id %d, the list and the filter disagree on %s", c.who.ID, one.Code, name)
			}
			if one.Code == 200 {
				got[name] = true
			} else if random := d.Ask(http.MethodGet, kind+"/lnk_"+strings.Repeat("0", 26), ""); one.Code != random.Code || one.Body["detail"] != random.Body["detail"] {
				t.Errorf("%s: another's id is answered otherwise than a random one: %s, %s", c.who.ID, one.Text, random.Text)
			}
			n := name[3:]
			verified := d.Ask(http.MethodPost, kind+"/verify", `{"msisdn":"`+n+`"}`).Body["is_linked"] == true
			checked := d.Ask(http.MethodPost, kind+"/bulk-check", `{"msisdns":["`+n+`"]}`).Body["linked_count"] == 1.0
			if verified != checked || (one.Code == 200 && !verified) {
				t.Errorf("%s: verify says %v and bulk-check %v of %s", c.who.ID, verified, checked, name)
			}
		}
		for _, name := range c.sees {
			if !got[name] {
				t.Errorf("%s does not see %s", c.who.ID, name)
			}
			delete(got, name)
		}
		for name := range got {
			t.Errorf("%s sees %s", c.who.ID, name)
		}
	}
}

func TestTenantsReportTheirOwn(t *testing.T) {
	d := open(t)
	d.Tenures(number, held{From: "2020-01-01", By: "ADA OBI", Operator: "MTN"})
	report := func(who access.Principal, path, number, rest string) int {
		d.Who = who
		field := map[string]string{"/nin-linkages": `"nin":"` + nin, "/bvn-linkages": `"bvn":"` + bvn}[path]
		return d.Ask(http.MethodPost, path, `{"msisdn":"`+number+`",`+field+`","source":"me"`+rest+`}`).Code
	}
	bank := reconixtest.Of(access.Bank, "044", access.LinkageWrite)
	for _, c := range []struct {
		who                access.Principal
		path, number, rest string
		want               int
	}{
		{reconixtest.Of(access.Operator, "MTN"), "/nin-linkages", msisdn, "", 201},
		{reconixtest.Of(access.Operator, "GLO"), "/nin-linkages", msisdn, "", 404},
		{reconixtest.Of(access.Operator, "MTN"), "/nin-linkages", "+2348031234599", "", 404},
		{reconixtest.Of(access.Bank, "044"), "/bvn-linkages", msisdn, `,"bank_code":"044"`, 403},
		{bank, "/bvn-linkages", msisdn, `,"bank_code":"044"`, 201},
		{bank, "/bvn-linkages", msisdn, `,"bank_code":"058"`, 403},
		{bank, "/nin-linkages", msisdn, "", 403},
	} {
		if got := report(c.who, c.path, c.number, c.rest); got != c.want {
			t.Errorf("%s reports %s%s of %s: %d, want %d", c.who.ID, c.path, c.rest, c.number, got, c.want)
		}
	}
}

// security.md class 25: planted NINs and BVNs appear nowhere.
func TestNoNINAndNoBVNLeaks(t *testing.T) {
	d := open(t)
	d.Start(d.Jobs)
	var answers strings.Builder
	d.reportNIN(msisdn)
	d.reportBVN(msisdn, "044")
	job := d.Upload("/linkages/imports?name="+nin+".csv", "MSISDN,KIND,NUMBER,LINKED_DATE,SOURCE,BANK\n"+
		"08031234501,NIN,"+nin+",2024-01-01,NIMC,\n08031234502,BVN,"+bvn+",2024-01-01,NIBSS,044\n"+
		"08031234503,BVN,"+bvn+",2024-01-01,NIBSS,"+nin+"\n"+nin+",NIN,"+nin+","+bvn+","+bvn+",\n08031234503,"+nin+","+bvn+",2024-01-01,NIBSS,044\n"+nin+","+bvn+"\n")
	for _, path := range []string{"/nin-linkages", "/bvn-linkages", "/jobs", "/jobs/" + job.ID, "/jobs/" + job.ID + "/errors.csv"} {
		answers.WriteString(d.Ask(http.MethodGet, path, "").Text)
	}
	answers.WriteString(d.Ask(http.MethodPost, "/nin-linkages/verify", `{"msisdn":"`+msisdn+`"}`).Text)
	answers.WriteString(d.Ask(http.MethodPost, "/nin-linkages", `{"msisdn":"`+nin+`","nin":"`+bvn+`","source":"`+nin+`"}`).Text)
	if !strings.Contains(answers.String(), "712****9876") {
		t.Error("nothing is shown, so nothing is proved")
	}
	for place, text := range map[string]string{"answers": answers.String(), "logs": d.Logged(), "store": d.Dump("linkage", "audit_entry", "job")} {
		for _, secret := range []string{nin, bvn} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %s", place, secret)
			}
		}
	}
	left, err := os.ReadDir(filepath.Join(d.Dir, "spool"))
	if err != nil || len(left) != 0 {
		t.Errorf("the upload is still there: %v %v", left, err)
	}
}
