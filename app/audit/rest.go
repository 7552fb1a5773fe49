package audit

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/kit/page"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
)

// Mount declares the routes.
func (l *Log) Mount(api *rest.API) {
	rest.Get(api, "/audit-logs", access.AuditRead, l.list, rest.Doc("List audit entries, newest first"))
	// The router takes no static sibling of a parameter, so one route serves both.
	rest.Get(api, "/audit-logs/{id}", access.AuditRead, l.show, rest.Doc("Show an entry by its number, or sign the head of the log (id: checkpoint)",
		"Keep a checkpoint elsewhere: it pins every entry before it."))
	rest.Get(api, "/audit-logs/{id}/proof", access.AuditRead, l.proof, rest.Doc("Prove that an entry is in the log"))
	rest.Download(api, "/audit-export", access.AuditRead, l.export, rest.Doc("Download the log as JSON lines, a signed checkpoint last"))
	rest.Post(api, "/audit-logs/verify", access.AuditRead, l.verify, rest.Doc("Verify the whole log"))
}

type filter struct {
	page.Query
	Actor  string    `query:"actor" maxLength:"254" doc:"Who did it: an id, or a whole e-mail address or key name"`
	Action string    `query:"action" maxLength:"100" doc:"What was done: exactly, such as sim.create, or a family with its dot, such as sim."`
	Object string    `query:"object" maxLength:"64" doc:"Id of what it was done to"`
	Result string    `query:"result" enum:"done,failed,denied"`
	From   time.Time `query:"from" doc:"From this instant on"`
	To     time.Time `query:"to" doc:"Before this instant"`
}

func (f filter) where() sqlite.Where {
	var w sqlite.Where
	if f.Actor != "" {
		w.And("(actor = ? OR name = ? COLLATE NOCASE)", f.Actor, f.Actor)
	}
	switch family, ok := strings.CutSuffix(f.Action, "."); {
	case ok:
		w.And("action >= ? AND action < ?", family+".", family+"/") // "/" comes after "."
	case f.Action != "":
		w.And("action = ?", f.Action)
	}
	if f.Object != "" {
		w.And("object = ?", f.Object)
		w.And("object <> ''") // says the partial index's own condition
	}
	if f.Result != "" {
		w.And("result = ?", f.Result)
	}
	if !f.From.IsZero() {
		w.And("at >= ?", f.From.UnixMilli())
	}
	if !f.To.IsZero() {
		w.And("at < ?", f.To.UnixMilli())
	}
	return w
}

func (l *Log) list(ctx context.Context, in *filter) (*page.Of[Entry], error) {
	return sqlite.Read(ctx, l.db, func(tx *sqlite.Tx) (*page.Of[Entry], error) {
		w, out := in.where(), &page.Of[Entry]{Skip: in.Skip, Limit: in.Limit, Total: -1}
		if in.After == "" {
			var err error
			if out.Total, err = count(tx, w); err != nil {
				return nil, err
			}
		} else {
			seq, err := strconv.ParseInt(in.After, 10, 64)
			if err != nil {
				return nil, fault.Wrong("after", "CURSOR", "The cursor is not one that this list gave; use the value of next.")
			}
			w.And("seq < ?", seq)
			out.Skip = 0
		}
		var err error
		if out.Items, err = list(tx, w, in.Limit+1, out.Skip); err != nil {
			return nil, err
		}
		if len(out.Items) > in.Limit {
			out.Items = out.Items[:in.Limit]
			out.Next = strconv.FormatInt(out.Items[in.Limit-1].Seq, 10)
		}
		return out, nil
	})
}

// Of lists what was done to one thing, newest first, at most limit entries.
func (l *Log) Of(tx *sqlite.Tx, object string, limit int) ([]Entry, error) {
	var w sqlite.Where
	w.And("object = ?", object)
	w.And("object <> ''") // says the partial index's own condition
	return list(tx, w, limit, 0)
}

type byID struct {
	ID int64 `path:"id" minimum:"0"`
}

func (l *Log) show(ctx context.Context, in *struct {
	ID string `path:"id" maxLength:"20" doc:"Number of an entry, or the word checkpoint"`
}) (*any, error) {
	var out any
	if in.ID == "checkpoint" {
		c, err := l.Checkpoint(ctx)
		out = c
		return &out, err
	}
	seq, err := strconv.ParseInt(in.ID, 10, 64)
	if err != nil {
		return nil, errNoEntry()
	}
	out, err = sqlite.Read(ctx, l.db, func(tx *sqlite.Tx) (Entry, error) { return find(tx, seq) })
	if errors.Is(err, sqlite.ErrNotFound) {
		err = errNoEntry()
	}
	return &out, err
}

func errNoEntry() error {
	return fault.New(fault.NotFound, "The log has no entry with this number, or retention has dropped it.")
}

func (l *Log) proof(ctx context.Context, in *byID) (*Proof, error) {
	p, err := l.Prove(ctx, in.ID)
	return &p, err
}

func (l *Log) verify(ctx context.Context, in *struct {
	Body struct {
		Checkpoint string `json:"checkpoint,omitempty" maxLength:"4096" doc:"A signed head that was kept elsewhere"`
	}
}) (*Report, error) {
	r, err := l.Verify(ctx, in.Body.Checkpoint)
	if len(r.Faults) > 0 {
		return &r, nil
	}
	return &r, err
}

func (l *Log) export(ctx context.Context, _ *struct{}) (*rest.File, error) {
	out, in := io.Pipe()
	go func() { in.CloseWithError(l.Export(ctx, in)) }()
	return &rest.File{Name: "audit-log.jsonl", Type: "application/jsonl", Body: out}, nil
}

// Export writes the log as JSON lines, oldest first, with the newest checkpoint as its
// last line: enough to verify it without this program.
func (l *Log) Export(ctx context.Context, w io.Writer) error {
	c, err := l.Checkpoint(ctx)
	if err != nil {
		return err
	}
	out := json.NewEncoder(w)
	_, err = sqlite.Read(ctx, l.db, func(tx *sqlite.Tx) (struct{}, error) {
		return struct{}{}, sqlite.Each(tx, func(r sqlite.Row) error {
			e, err := scan(r)
			if err != nil {
				return err
			}
			return out.Encode(e)
		}, `SELECT `+columns+` FROM audit_entry WHERE seq < ? ORDER BY seq`, c.Size)
	})
	if err != nil {
		return err
	}
	return out.Encode(c)
}
