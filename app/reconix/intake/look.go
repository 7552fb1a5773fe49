package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/gzip"

	"reconexus/app/kit/sheet"
	"reconexus/app/reconix/numbering"
)

// mostPlain bounds what a compressed beginning may become, in bytes.
const mostPlain = 4 << 20

// beginning is a file's first bytes.
type beginning struct {
	head     []byte
	size     int64 // of the whole file
	plain    []byte
	packed   bool
	share    float64 // of the whole file that plain is
	cut      bool    // it goes on behind plain
	problems []PreviewFault
}

func begin(head []byte, size int64) *beginning {
	b := &beginning{head: head, size: size, plain: head, share: 1, cut: size > int64(len(head))}
	b.unpack()
	return b
}

// unpack undoes gzip as far as it goes: that a beginning breaks off is no fault of the
// file.
func (b *beginning) unpack() {
	taken := len(b.head)
	if bytes.HasPrefix(b.head, []byte{0x1f, 0x8b}) {
		b.packed = true
		in := bytes.NewReader(b.head)
		unzipped, err := gzip.NewReader(in)
		b.plain = nil
		if err == nil {
			b.plain, err = io.ReadAll(io.LimitReader(unzipped, mostPlain))
			taken -= in.Len()
		}
		switch broken := errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF); {
		case err == nil:
			b.cut = b.cut || len(b.plain) == mostPlain
		case broken && !b.cut:
			b.refuse(sheet.TruncatedGzip, "the gzip file breaks off before its end, so rows are missing: send it again, whole")
			b.cut = true
		case !broken:
			b.refuse(sheet.BadGzip, "the gzip file is damaged: pack it again")
			b.cut = true
		}
	}
	if b.cut {
		b.plain = wholeLines(b.plain)
	}
	if b.size > 0 {
		b.share = max(float64(taken)/float64(b.size), 1e-9)
	}
}

// wholeLines leaves out a last line of which nobody knows whether it is whole.
func wholeLines(text []byte) []byte {
	end := bytes.LastIndexByte(text, '\n')
	switch {
	case end < 0:
		end = bytes.LastIndexByte(text, '\r')
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}):
		end++ // the second half of a line feed in UTF-16
	}
	if end < 0 {
		return text
	}
	return text[:min(end+1, len(text))]
}

func (b *beginning) refuse(code, message string) {
	b.problems = append(b.problems, PreviewFault{Code: code, Message: sentence(message), Refused: true})
}

// likeliest is the kind of which the most columns are there, of those that would take
// the file; the first of all when none would.
func (b *beginning) likeliest(kinds []Kind) (best Kind, ok bool) {
	best, most := kinds[0], 0
	for _, k := range kinds {
		file, err := k.open(b.plain, k.Spec)
		if err != nil {
			continue
		}
		found := 0
		for _, at := range file.Dialect().Columns {
			if at >= 0 {
				found++
			}
		}
		if found > most {
			best, most = k, found
		}
	}
	return best, most > 0
}

// read tells what the importer would make of the beginning as one kind.
func (b *beginning) read(k Kind, spec sheet.Spec, order sheet.Order, out *Preview) error {
	file, err := k.open(b.plain, spec)
	if err != nil && !out.refuse(err) {
		return err
	}
	if err != nil {
		spec.Lenient = true
		if file, err = sheet.Open(bytes.NewReader(b.plain), spec); err != nil {
			return nil // it is told already why there is nothing to show
		}
	}
	d := file.Dialect()
	out.Format = b.format(d)
	for i, title := range d.Header {
		c := PreviewColumn{Position: i + 1, Title: titleOf(title)}
		if at := slices.Index(d.Columns, i); at >= 0 {
			c.Field = spec.Columns[at].Name
		}
		out.Columns = append(out.Columns, c)
	}
	v := &viewer{kind: k, columns: d.Columns, out: out, dates: make([]sheet.DateProfile, len(k.Dates))}
	if err := v.all(file); err != nil && !out.refuse(err) {
		return err
	}
	out.Estimate = int64(float64(v.rows) / b.share)
	v.tell(order)
	return nil
}

func (b *beginning) format(d sheet.Dialect) Format {
	f := Format{Encoding: d.Encoding, LineEnd: d.LineEnd, HeaderLine: d.HeaderLine, Quoted: bytes.IndexByte(b.plain, '"') >= 0}
	f.Delimiter = map[byte]string{',': "comma", ';': "semicolon", '\t': "tab", '|': "bar"}[d.Delimiter]
	if b.packed {
		f.Compression = "gzip"
	}
	return f
}

// titleOf is a title as it is shown: one with many digits is somebody's number.
func titleOf(title string) string {
	digits := 0
	for _, c := range title {
		if '0' <= c && c <= '9' {
			digits++
		}
	}
	if digits > 4 {
		return ""
	}
	return title[:min(len(title), shownLength)]
}

// refuse notes that the file would not be taken; false when the error is another.
func (p *Preview) refuse(err error) bool {
	var r *sheet.Refusal
	if !errors.As(err, &r) {
		return false
	}
	if !slices.ContainsFunc(p.Problems, func(f PreviewFault) bool { return f.Code == r.Code }) {
		p.Problems = append(p.Problems, PreviewFault{Code: r.Code, Message: sentence(r.Message), Refused: true})
	}
	return true
}

// previewRows are how many rows are shown.
const previewRows = 6

// viewer goes through the rows of a beginning.
type viewer struct {
	kind    Kind
	columns []int // by column of the kind, its place in the file
	out     *Preview
	dates   []sheet.DateProfile

	rows, broken, strange, numbers int64
	firstBroken                    *sheet.RowError
}

func (v *viewer) all(file *sheet.File) error {
	for {
		block, err := file.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		block.Rows(func(r *sheet.Row) bool { v.row(r); return true })
		block.Release()
	}
}

func (v *viewer) row(r *sheet.Row) {
	if r.Blank() {
		return
	}
	v.rows++
	if bad := r.Err(); bad != nil {
		if v.broken++; v.firstBroken == nil {
			v.firstBroken = bad
		}
		return
	}
	if cell := r.Cell(v.kind.MSISDN); v.columns[v.kind.MSISDN] >= 0 {
		v.numbers++
		if _, err := numbering.ParseMSISDN(cell); err != nil {
			v.strange++
		}
	}
	for i, column := range v.kind.Dates {
		v.dates[i].Add(r.Line, r.Cell(column))
	}
	if v.rows > previewRows && !slices.ContainsFunc(v.out.Columns, func(c PreviewColumn) bool { return c.Sample == "" }) {
		return
	}
	shown := make([]string, len(v.out.Columns))
	for i := range v.out.Columns {
		shown[i] = v.kind.shown(slices.Index(v.columns, i), r.Field(i))
		if v.out.Columns[i].Sample == "" {
			v.out.Columns[i].Sample = shown[i]
		}
	}
	if len(v.out.Rows) < previewRows {
		v.out.Rows = append(v.out.Rows, shown)
	}
}

// tell says what the rows showed.
func (v *viewer) tell(order sheet.Order) {
	note := func(f PreviewFault) {
		f.Message = sentence(f.Message)
		v.out.Problems = append(v.out.Problems, f)
	}
	name := func(column int) string { return v.kind.Spec.Columns[column].Name }
	for i, column := range v.kind.Dates {
		format, refusal := v.dates[i].DecideAs(order)
		switch {
		case refusal != nil:
			note(PreviewFault{Field: name(column), Code: refusal.Code, Message: refusal.Message, Refused: true})
		case v.out.Format.Dates == "" && format != sheet.NoFormat:
			v.out.Format.Dates = format.String()
		}
	}
	if v.broken > 0 {
		note(PreviewFault{Code: v.firstBroken.Code, Message: fmt.Sprintf("%s cannot be read, the first on line %d: %s", of(v.broken, v.rows), v.firstBroken.Line, v.firstBroken.Message)})
	}
	if v.strange > 0 {
		note(PreviewFault{Field: name(v.kind.MSISDN), Code: "NUMBERS", Message: fmt.Sprintf("%s of those looked at have no Nigerian mobile number under %s: if they are many, it may be another column", of(v.strange, v.numbers), name(v.kind.MSISDN))})
	}
	if v.rows == 0 && len(v.out.Problems) == 0 {
		note(PreviewFault{Code: sheet.EmptyFile, Message: "there is no row under the header: send a file with at least one", Refused: true})
	}
}

func of(some, all int64) string { return fmt.Sprintf("%d of %d rows", some, all) }
