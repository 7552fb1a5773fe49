package delink_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"reconexus/app/reconix/delink"
)

func pdf(words string) []byte { return []byte("%PDF-1.7\n" + words + "\n%%EOF\n") }

// attach adds a paper as the clerk and answers its id.
func (h *house) attach(request, name string, content []byte) string {
	h.Helper()
	a := h.as(clerk()).Send("POST", "/delink-requests/"+request+"/attachments?name="+name, "application/octet-stream", content)
	if a.Code != 201 {
		h.Fatalf("attaching answers %d %s", a.Code, a.Text)
	}
	return a.Body["id"].(string)
}

func TestPapersAreSealedAndComeBackAsTheyWere(t *testing.T) {
	h := open(t)
	id := h.submit(h.recycled(2348031234567, "nin", "044"), "both")
	var p, j bytes.Buffer
	if err := png.Encode(&p, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&j, image.NewGray(image.Rect(0, 0, 2, 2)), nil); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"letter.pdf": pdf("The secret of 12345678901"), "scan.png": p.Bytes(), "photo.jpg": j.Bytes()} {
		paper := h.attach(id, name, content)
		a := h.Ask("GET", "/delink-requests/"+id+"/attachments/"+paper, "")
		if a.Code != 200 || a.Text != string(content) || !strings.Contains(a.Header.Get("Content-Disposition"), name) {
			t.Errorf("%s comes back as %d, %d bytes, %s", name, a.Code, len(a.Text), a.Header)
		}
		raw, err := os.ReadFile(filepath.Join(h.Dir, "evidence", paper))
		if err != nil || bytes.Contains(raw, content[:8]) {
			t.Errorf("%s lies open on the disk (%v)", name, err)
		}
	}
	a := h.Send("POST", "/delink-requests/"+id+"/attachments", "application/pdf", pdf("The secret of 12345678901"))
	if a.Code != 409 {
		t.Errorf("the same file again answers %d", a.Code)
	}
	if list := h.get(200, "/delink-requests/"+id+"/attachments"); len(list["items"].([]any)) != 3 {
		t.Errorf("there are %s", text(list))
	}
	// A bank reads the papers once it is asked.
	h.as(officer()).approve(200, id)
	if list := h.as(bank("044")).get(200, "/delink-requests/"+id+"/attachments"); len(list["items"].([]any)) != 3 {
		t.Errorf("the bank sees %s", text(list))
	}
	// What lost its row, or never got one, is swept away; what has one stays.
	if err := os.WriteFile(filepath.Join(h.Dir, "evidence", "att_lost"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.delink.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Join(h.Dir, "evidence")); err != nil || len(left) != 3 {
		t.Errorf("%d papers are left (%v)", len(left), err)
	}
}

func TestPapersThatAreNotTaken(t *testing.T) {
	h := open(t)
	id := h.submit(h.recycled(2348031234567, "nin"), "nin")
	for name, c := range map[string]struct {
		content []byte
		want    int
	}{
		"an empty file":          {nil, 422},
		"a script":               {[]byte("#!/bin/sh\n"), 415},
		"a page named pdf":       {[]byte("<html>%PDF-"), 415},
		"half a pdf":             {[]byte("%PDF-1.7\n"), 415},
		"the head of a png":      {[]byte("\x89PNG\r\n\x1a\nnothing"), 415},
		"the head of a jpeg":     {[]byte("\xff\xd8\xffnothing"), 415},
		"a pdf larger than 5 MB": {pdf(strings.Repeat("x", 5<<20)), 413},
	} {
		if a := h.Send("POST", "/delink-requests/"+id+"/attachments", "application/pdf", c.content); a.Code != c.want {
			t.Errorf("%s answers %d, want %d: %s", name, a.Code, c.want, a.Text)
		}
	}
	for i := range 10 {
		h.attach(id, fmt.Sprintf("%d.pdf", i), pdf(fmt.Sprint(i)))
	}
	if a := h.Send("POST", "/delink-requests/"+id+"/attachments", "application/pdf", pdf("eleven")); a.Code != 409 {
		t.Errorf("the eleventh answers %d", a.Code)
	}
	if left, err := os.ReadDir(filepath.Join(h.Dir, "evidence")); err != nil || len(left) != 10 {
		t.Errorf("%d papers are on the disk (%v)", len(left), err)
	}
	if a := h.as(other()).Send("POST", "/delink-requests/"+id+"/attachments", "application/pdf", pdf("a")); a.Code != 404 {
		t.Errorf("another operator attaches: %d", a.Code)
	}
}

// A certificate is checked with the log's key alone, and not a letter may differ.
func TestACertificateIsVerifiedOffline(t *testing.T) {
	h := open(t)
	id := h.submit(h.recycled(2348031234567, "nin", "044"), "both")
	h.as(officer()).get(409, "/delink-requests/"+id+"/certificate")
	h.approve(200, id)
	h.as(bank("044")).approve(200, id)
	h.settled()
	h.get(403, "/delink-requests/"+id+"/certificate") // the bank
	a := h.as(officer()).Ask("GET", "/delink-requests/"+id+"/certificate", "")
	var c delink.Certificate
	if err := json.Unmarshal([]byte(a.Text), &c); err != nil || a.Code != 200 {
		t.Fatal(a.Code, a.Text, err)
	}
	if !strings.Contains(c.Statement, `"told":"recorded"`) || strings.Contains(c.Statement, someNIN) || !strings.Contains(c.Statement, id) {
		t.Errorf("it states %s", c.Statement)
	}
	key := c.Proof.Checkpoint.Key
	if err := delink.Verify(c, key); err != nil {
		t.Errorf("a true certificate: %v", err)
	}
	_, foreign, err := note.GenerateKey(nil, "reconexus-audit")
	if err != nil {
		t.Fatal(err)
	}
	for name, forge := range map[string]func(*delink.Certificate) string{
		"another statement": func(c *delink.Certificate) string {
			c.Statement = strings.Replace(c.Statement, "done", "kept", 1)
			return key
		},
		"another entry": func(c *delink.Certificate) string { c.Proof.Entry.Actor = "usr_x"; return key },
		"another place": func(c *delink.Certificate) string { c.Proof.Entry.Seq++; return key },
		"another path":  func(c *delink.Certificate) string { c.Proof.Hashes[0][0] ^= 1; return key },
		"another key":   func(*delink.Certificate) string { return foreign },
	} {
		var forged delink.Certificate
		if err := json.Unmarshal([]byte(a.Text), &forged); err != nil {
			t.Fatal(err)
		}
		key := forge(&forged)
		if err := delink.Verify(forged, key); err == nil {
			t.Errorf("%s verifies", name)
		}
	}
}
