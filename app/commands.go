package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
)

type serveCommand struct{}

func (*serveCommand) Run(ctx context.Context, p *Program, s *settings) error { return serve(ctx, p, s) }

type setupTokenCommand struct{}

func (*setupTokenCommand) Run(ctx context.Context, p *Program, s *settings) error {
	return with(ctx, p, s, func(l *local) error {
		var out struct {
			Link string `json:"link"`
		}
		if err := l.call(ctx, http.MethodPost, "/local/setup-token", struct{}{}, &out); err != nil {
			return err
		}
		_, err := fmt.Fprintln(p.Stdout, out.Link)
		return err
	})
}

// with runs a command's deed on the appliance.
func with(ctx context.Context, p *Program, s *settings, do func(*local) error) error {
	l, err := connect(ctx, p, s)
	if err != nil {
		return err
	}
	return errors.Join(do(l), l.close())
}

func printJSON(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(v)
}

type importCommand struct {
	Inventory importInventory `cmd:"" help:"An operator's daily inventory, or a list of events."`
	Sims      importSims      `cmd:"" help:"Records of recycled SIMs."`
	Linkages  importLinkages  `cmd:"" help:"NIN and BVN linkages."`
	Tenures   importTenures   `cmd:"" help:"Who held an operator's numbers in the past: MSISDN, FROM, TO and a name, holder id or NIN."`
}

type fileFlags struct {
	File      string `arg:"" help:"CSV, also gzipped; - for standard input."`
	Columns   string `placeholder:"NAME:N,…" help:"Where columns are that the header does not tell: by position, such as MSISDN:2,ACTIVATION_DATE:5, or by title."`
	DateOrder string `enum:",dmy,mdy" default:"" placeholder:"dmy|mdy" help:"Whether day or month comes first, where no row decides it."`
	Wait      bool   `help:"Wait for the end and print the result." default:"true" negatable:""`
}

type importInventory struct {
	fileFlags
	Operator string `required:"" placeholder:"CODE" help:"Whose numbers they are."`
	Day      string `placeholder:"D" help:"The day it tells of; today when left out."`
}

// importTenures is an inventory by another name: the header tells what a file is.
type importTenures struct{ importInventory }

type importSims struct{ fileFlags }

type importLinkages struct{ fileFlags }

func (c *importInventory) Run(ctx context.Context, p *Program, s *settings) error {
	q := url.Values{}
	if c.Day != "" {
		q.Set("day", c.Day)
	}
	return c.send(ctx, p, s, "/inventories/"+url.PathEscape(c.Operator), q)
}

func (c *importSims) Run(ctx context.Context, p *Program, s *settings) error {
	return c.send(ctx, p, s, "/recycled-sims/imports", url.Values{})
}

func (c *importLinkages) Run(ctx context.Context, p *Program, s *settings) error {
	return c.send(ctx, p, s, "/linkages/imports", url.Values{})
}

// send hands a file in and follows its job. A stopped appliance is not left before the
// job has ended: nobody else would do it.
func (c *fileFlags) send(ctx context.Context, p *Program, s *settings, path string, q url.Values) error {
	for name, value := range map[string]string{"columns": c.Columns, "date_order": c.DateOrder} {
		if value != "" {
			q.Set(name, value)
		}
	}
	in := p.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("open the file: %w", err)
		}
		defer f.Close()
		in = f
		q.Set("name", filepath.Base(c.File))
	}
	return with(ctx, p, s, func(l *local) error {
		var started struct {
			JobID string `json:"job_id"`
		}
		if err := l.call(ctx, http.MethodPost, path+"?"+q.Encode(), in, &started); err != nil {
			return err
		}
		return l.result(ctx, p, started.JobID, c.Wait)
	})
}

// result follows a job and prints what came of it; without wait, only its id.
func (l *local) result(ctx context.Context, p *Program, id string, wait bool) error {
	if !wait && !l.alone {
		return printJSON(p.Stdout, map[string]string{"job_id": id})
	}
	j, err := l.follow(ctx, p.Stderr, id)
	if err != nil {
		return err
	}
	return printJSON(p.Stdout, j.Result)
}

type detectCommand struct {
	Wait bool `help:"Wait for the end and print the result." default:"true" negatable:""`
	JSON bool `help:"As JSON (it always is)."`
	Full bool `help:"Judge all linkages again."`
}

func (c *detectCommand) Run(ctx context.Context, p *Program, s *settings) error {
	return with(ctx, p, s, func(l *local) error {
		var started struct {
			JobID string `json:"job_id"`
		}
		if err := l.call(ctx, http.MethodPost, fmt.Sprintf("/recycled-sims/detect?full=%t", c.Full), struct{}{}, &started); err != nil {
			return err
		}
		return l.result(ctx, p, started.JobID, c.Wait)
	})
}

type checkCommand struct {
	MSISDN  string `arg:"" name:"msisdn" help:"The number."`
	Since   string `required:"" placeholder:"DATE" help:"The date, such as 2026-01-31."`
	JSON    bool   `help:"As JSON."`
	Receipt bool   `help:"With a signed receipt, as JSON: keep it, reconexus receipt verify reads it."`
}

func (c *checkCommand) Run(ctx context.Context, p *Program, s *settings) error {
	return with(ctx, p, s, func(l *local) error {
		var out map[string]any
		if err := l.call(ctx, http.MethodGet, "/recycling-checks/"+url.PathEscape(c.MSISDN)+"?since="+url.QueryEscape(c.Since)+"&receipt="+strconv.FormatBool(c.Receipt), nil, &out); err != nil {
			return err
		}
		if c.JSON || c.Receipt {
			return printJSON(p.Stdout, out)
		}
		fmt.Fprintf(p.Stdout, "%v\n", out["recycled"])
		if evidence, ok := out["evidence"].([]any); ok {
			for _, e := range evidence {
				fmt.Fprintf(p.Stdout, "  %v\n", e)
			}
		}
		return nil
	})
}

type auditCommand struct {
	Verify auditVerify `cmd:"" help:"Prove the whole log, offline."`
	Export auditExport `cmd:"" help:"Write the log as JSON lines, with a signed checkpoint at the end."`
}

type auditVerify struct {
	Checkpoint string `placeholder:"FILE" help:"A signed head that was kept elsewhere." type:"existingfile"`
}

func (c *auditVerify) Run(ctx context.Context, p *Program, s *settings) error {
	in := map[string]string{}
	if c.Checkpoint != "" {
		raw, err := os.ReadFile(c.Checkpoint)
		if err != nil {
			return fmt.Errorf("read the checkpoint: %w", err)
		}
		in["checkpoint"] = string(raw)
	}
	return with(ctx, p, s, func(l *local) error {
		var out struct {
			Size   int64    `json:"size"`
			Faults []string `json:"faults"`
		}
		var whole json.RawMessage
		if err := l.call(ctx, http.MethodPost, "/audit-logs/verify", in, &whole); err != nil {
			return err
		}
		if err := errors.Join(json.Unmarshal(whole, &out), printJSON(p.Stdout, whole)); err != nil {
			return err
		}
		if len(out.Faults) > 0 {
			return fmt.Errorf("the audit log is not what was written: %d faults, the first: %s", len(out.Faults), out.Faults[0])
		}
		return nil
	})
}

type auditExport struct{}

func (*auditExport) Run(ctx context.Context, p *Program, s *settings) error {
	return with(ctx, p, s, func(l *local) error {
		return l.call(ctx, http.MethodGet, "/audit-export", nil, p.Stdout)
	})
}

type configCommand struct {
	Print configPrint `cmd:"" help:"Show every setting with its source; secrets are masked."`
}

type configPrint struct{}

func (*configPrint) Run(ctx context.Context, p *Program, s *settings) error {
	c, err := s.load(ctx, p)
	if err != nil {
		return err
	}
	return c.Print(p.Stdout)
}

type versionCommand struct {
	JSON bool `help:"As JSON, with the libraries."`
}

func (c *versionCommand) Run(p *Program) error {
	if !c.JSON {
		_, err := fmt.Fprintf(p.Stdout, "reconexus %s (%s, %s)\n", p.Version, p.Commit, runtime.Version())
		return err
	}
	libraries := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			libraries[m.Path] = m.Version
		}
	}
	return printJSON(p.Stdout, map[string]any{"version": p.Version, "commit": p.Commit, "go": runtime.Version(), "libraries": libraries})
}
