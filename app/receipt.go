package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"reconexus/app/audit"
	"reconexus/app/kit/seal"
	"reconexus/app/reconix/receipt"
)

type receiptCommand struct {
	Verify receiptVerify `cmd:"" help:"Tell whether a receipt is genuine, offline."`
}

type receiptVerify struct {
	File string `arg:"" help:"The receipt, the header's one line, or a JSON answer that holds it; - for standard input."`
	Key  string `placeholder:"KEY" help:"The public key of who gave the receipt, as GET /receipts/key says it, or a file that holds it; this box's own when left out."`
	JSON bool   `help:"As JSON."`
}

// mostReceipt bounds what is read: a receipt is short.
const mostReceipt = 1 << 20

func (c *receiptVerify) Run(ctx context.Context, p *Program, s *settings) error {
	key, err := c.key(ctx, p, s)
	if err != nil {
		return err
	}
	kept, err := c.read(p)
	if err != nil {
		return err
	}
	r, err := receipt.Verify(kept, key)
	if err != nil {
		return err
	}
	if c.JSON {
		out := map[string]string{}
		for _, f := range r.Facts {
			out[f.Name] = f.Value
		}
		return printJSON(p.Stdout, out)
	}
	fmt.Fprintln(p.Stdout, "genuine")
	for _, f := range r.Facts {
		fmt.Fprintf(p.Stdout, "  %-12s %s\n", f.Name, f.Value)
	}
	return nil
}

func (c *receiptVerify) read(p *Program) ([]byte, error) {
	in := p.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return nil, fmt.Errorf("open the receipt: %w", err)
		}
		defer f.Close()
		in = f
	}
	kept, err := io.ReadAll(io.LimitReader(in, mostReceipt))
	if err != nil {
		return nil, fmt.Errorf("read the receipt: %w", err)
	}
	return kept, nil
}

// key is the key that was named, or this box's own. Nothing is made for it: a box that
// never ran has given no receipt.
func (c *receiptVerify) key(ctx context.Context, p *Program, s *settings) (string, error) {
	if c.Key != "" {
		if raw, err := os.ReadFile(c.Key); err == nil {
			return strings.TrimSpace(string(raw)), nil
		}
		return c.Key, nil
	}
	conf, err := s.load(ctx, p)
	if err != nil {
		return "", err
	}
	path := filepath.Join(conf.Data, "keys.json")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s holds no appliance that could have given receipts; name the giver's key with --key", conf.Data)
	}
	ring, err := seal.Load(path)
	if err != nil {
		return "", err
	}
	return audit.KeyOf(ring), nil
}
