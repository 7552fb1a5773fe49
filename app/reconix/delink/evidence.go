package delink

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // so that a picture can be looked at
	_ "image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/id"
	"reconexus/app/reconix/sims"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
)

// Bounds of papers.
const (
	mostPaper  = 5 << 20 // bytes of one
	mostPapers = 10      // of a request
)

// Attachment is a paper that proves something. Its bytes are kept sealed.
type Attachment struct {
	ID    string    `json:"id"`
	Name  string    `json:"name"`
	Type  string    `json:"type" enum:"application/pdf,image/png,image/jpeg" doc:"As its contents say, not its name"`
	Size  int       `json:"size" doc:"Bytes"`
	By    string    `json:"added_by" doc:"Id of who added it"`
	Added time.Time `json:"added_at"`
}

const attachmentColumns = `id, name, type, size, added_by, added_at`

func scanAttachment(r sqlite.Row) (a Attachment, err error) {
	var added int64
	err = r.Scan(&a.ID, &a.Name, &a.Type, &a.Size, &a.By, &added)
	a.Added = time.UnixMilli(added).UTC()
	return a, err
}

func attachmentsOf(tx *sqlite.Tx, request string) ([]Attachment, error) {
	return sqlite.All(tx, scanAttachment, `SELECT `+attachmentColumns+` FROM delink_attachment WHERE request_id = ? ORDER BY id LIMIT ?`, request, mostPapers)
}

// attachable tells whether papers are still of use.
func (r *Request) attachable() bool {
	return r.State != Rejected && r.State != Canceled && r.State != RolledBack
}

// typeOf says what a paper is by its contents; empty for what is not taken.
func typeOf(content []byte) string {
	switch {
	case bytes.HasPrefix(content, []byte("%PDF-")) && bytes.Contains(content[max(0, len(content)-2048):], []byte("%%EOF")):
		return "application/pdf"
	case bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")) && picture(content, "png"):
		return "image/png"
	case bytes.HasPrefix(content, []byte("\xff\xd8\xff")) && picture(content, "jpeg"):
		return "image/jpeg"
	}
	return ""
}

// picture tells whether a file has the head of a picture of a format. The pixels are
// not unpacked: a small file may hold a huge picture.
func picture(content []byte, format string) bool {
	_, is, err := image.DecodeConfig(bytes.NewReader(content))
	return err == nil && is == format
}

// nameOf is a file's name as it is kept: no path, no control characters, no numbers of
// persons.
func nameOf(name, kind string) string {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || strings.ContainsRune(`"<>|:*?`, c) {
			return -1
		}
		return c
	}, name))
	if runes := []rune(name); len(runes) > 120 {
		name = string(runes[len(runes)-120:])
	}
	if name == "" || name == "." || name == "/" {
		_, ending, _ := strings.Cut(kind, "/")
		name = "paper." + ending
	}
	return sims.Scrub(name)
}

// paperContext ties a sealed paper to its place.
func paperContext(paper string) string { return "delink_attachment " + paper }

// Attach adds a paper to a request. The sealed file is on disk before the row that
// names it; what has no row is swept away at the next start.
func (s *Service) Attach(ctx context.Context, who access.Principal, request, name string, body io.Reader) (*Attachment, error) {
	if _, err := s.Find(ctx, who, request); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(body, mostPaper+1))
	if err != nil {
		return nil, fault.New(fault.Rejected, "The upload broke off; send it again.")
	}
	kind := typeOf(content)
	switch {
	case len(content) > mostPaper:
		return nil, fault.New(fault.TooLarge, "The file is larger than 5 MB; send a smaller scan.")
	case len(content) == 0:
		return nil, fault.Wrong("body", "FILE_MISSING", "The file is empty; send a PDF, PNG or JPEG.")
	case kind == "":
		return nil, fault.New(fault.Unsupported, "The file is no PDF, PNG or JPEG by its contents, or it is damaged; send one of these.")
	}
	now := s.now()
	a := &Attachment{ID: id.New("att", now), Name: nameOf(name, kind), Type: kind, Size: len(content), By: who.ID, Added: now}
	if err := s.keepPaper(a.ID, content); err != nil {
		return nil, err
	}
	err = sqlite.Do(ctx, s.DB, func(tx *sqlite.Tx) error {
		r, err := find(tx, who, request)
		if err != nil {
			return err
		}
		return s.attach(tx, who, r, a, hex.EncodeToString(s.papers.Of(string(content))))
	})
	if err != nil {
		return nil, errors.Join(err, ignoreMissing(os.Remove(s.paper(a.ID))))
	}
	return a, nil
}

func (s *Service) attach(tx *sqlite.Tx, who access.Principal, r *Request, a *Attachment, digest string) error {
	if !r.attachable() {
		return fault.New(fault.Conflict, "This request is %s; no more papers are taken.", r.State)
	}
	n, err := sqlite.One(tx, sqlite.Int, `SELECT count(*) FROM delink_attachment WHERE request_id = ?`, r.ID)
	if err != nil {
		return err
	}
	if n >= mostPapers {
		return fault.New(fault.Conflict, "This request has %d papers already, which is as many as it may.", mostPapers)
	}
	_, err = sqlite.Exec(tx, `INSERT INTO delink_attachment (id, request_id, name, type, size, digest, added_by, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, r.ID, a.Name, a.Type, a.Size, digest, a.By, a.Added.UnixMilli())
	if sqlite.Unique(err) {
		return fault.New(fault.Conflict, "This very file is attached to the request already.")
	}
	if err != nil {
		return fmt.Errorf("attach a paper: %w", err)
	}
	return s.Audit.Record(tx, who, "delink.attach", r.ID, "attachment", a.ID, "type", a.Type, "size", a.Size)
}

func (s *Service) paper(attachment string) string { return filepath.Join(s.folder(), attachment) }

// keepPaper seals a paper into its file.
func (s *Service) keepPaper(attachment string, content []byte) error {
	f, err := os.OpenFile(s.paper(attachment), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("keep a paper: %w", err)
	}
	_, err = f.Write(s.Ring.Seal(paperContext(attachment), content))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("keep a paper: %w", err), os.Remove(f.Name()))
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Find is one request in full, if somebody may see it.
func (s *Service) Find(ctx context.Context, who access.Principal, request string) (*Detail, error) {
	return sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (*Detail, error) {
		r, err := find(tx, who, request)
		if err != nil {
			return nil, err
		}
		return s.detail(tx, who, r)
	})
}

// Paper opens an attached paper. That somebody read it goes on the audit log first.
func (s *Service) Paper(ctx context.Context, who access.Principal, request, attachment string) (*rest.File, error) {
	a, err := sqlite.Write(ctx, s.DB, func(tx *sqlite.Tx) (Attachment, error) {
		r, err := find(tx, who, request)
		if err != nil {
			return Attachment{}, err
		}
		a, err := sqlite.One(tx, scanAttachment, `SELECT `+attachmentColumns+` FROM delink_attachment WHERE id = ? AND request_id = ?`, attachment, r.ID)
		if errors.Is(err, sqlite.ErrNotFound) {
			return a, fault.New(fault.NotFound, "This request has no attachment with this id.")
		}
		if err != nil {
			return a, err
		}
		return a, s.Audit.Record(tx, who, "delink.attachment_read", r.ID, "attachment", a.ID)
	})
	if err != nil {
		return nil, err
	}
	sealed, err := os.ReadFile(s.paper(a.ID))
	if err != nil {
		return nil, fmt.Errorf("read a paper: %w", err)
	}
	content, err := s.Ring.Open(paperContext(a.ID), sealed)
	if err != nil {
		return nil, fmt.Errorf("open a paper: %w", err)
	}
	return &rest.File{Name: a.Name, Type: a.Type, Body: io.NopCloser(bytes.NewReader(content))}, nil
}

// Tidy removes sealed files that no request names: an upload that broke off between its
// file and its row. Call it before the first request.
func (s *Service) Tidy(ctx context.Context) error {
	entries, err := os.ReadDir(s.folder())
	if err != nil {
		return fmt.Errorf("look through the papers: %w", err)
	}
	for _, e := range entries {
		known, err := sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (bool, error) {
			return sqlite.One(tx, sqlite.Bool, `SELECT EXISTS (SELECT 1 FROM delink_attachment WHERE id = ?)`, e.Name())
		})
		if err != nil {
			return err
		}
		if !known {
			if err := ignoreMissing(os.Remove(s.paper(e.Name()))); err != nil {
				return err
			}
		}
	}
	return nil
}
