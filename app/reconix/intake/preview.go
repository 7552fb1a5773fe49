package intake

import (
	"context"
	"io"
	"slices"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/rest"
)

// Mount declares the look at a file's beginning, for the kinds of files there are.
func Mount(api *rest.API, kinds ...Kind) {
	d := &desk{kinds}
	rest.Post(api, "/imports/preview", access.SignedIn, d.preview, rest.Status(200), rest.Repeatable(),
		rest.Doc("Look at the beginning of a file", "The body is the file's first bytes, at most 256 kB, plain or gzipped; a gzip may be cut off anywhere. The answer says what the importer would make of it: which kind of file it looks like, how it is written, which column is which, and what would be wrong. Nothing is kept, and personal numbers and names are masked. Whoever may send one of these files may look."))
}

type desk struct{ kinds []Kind }

// Head bounds how much of a file is looked at, in bytes.
const Head = 256 << 10

// Preview is what the importer would make of a file, by its beginning.
type Preview struct {
	Kind     string          `json:"kind" enum:"inventory,events,tenures,linkages,sims,checks,unknown" doc:"What it looks like, of the files that you may send"`
	ReadAs   string          `json:"read_as" enum:"inventory,events,tenures,linkages,sims,checks" doc:"What it was read as here: as asked, or as it looks"`
	Format   Format          `json:"format"`
	Columns  []PreviewColumn `json:"columns" nullable:"false" doc:"As the file has them"`
	Fields   []PreviewField  `json:"fields" nullable:"false" doc:"What the columns of such a file may be"`
	Rows     [][]string      `json:"rows" nullable:"false" doc:"The first rows, masked"`
	Estimate int64           `json:"rows_estimated" doc:"Rows in the whole file, by its size"`
	Problems []PreviewFault  `json:"problems" nullable:"false" doc:"What is wrong, as sentences"`
}

// Format is how a file is written.
type Format struct {
	Compression string `json:"compression" enum:"gzip," doc:"Empty when plain"`
	Encoding    string `json:"encoding" enum:"UTF-8,UTF-16LE,UTF-16BE,"`
	Delimiter   string `json:"delimiter" enum:"comma,semicolon,tab,bar,"`
	Quoted      bool   `json:"quoted" doc:"Cells stand in quotes somewhere"`
	LineEnd     string `json:"line_end" enum:"LF,CRLF,CR,"`
	HeaderLine  int64  `json:"header_line" doc:"0 when the file has no header"`
	Dates       string `json:"dates" doc:"How it writes dates, such as DD/MM/YYYY; empty while that is not decided"`
}

// PreviewColumn is a column of the file.
type PreviewColumn struct {
	Position int    `json:"position" doc:"1 for the first"`
	Title    string `json:"title" doc:"Empty when the file gives it none"`
	Field    string `json:"field" doc:"What it is taken for; empty when it is not used"`
	Sample   string `json:"sample" doc:"Its first value, masked"`
}

// PreviewField is something that a column may be.
type PreviewField struct {
	Name     string `json:"name"`
	Required bool   `json:"required" doc:"A file without it is refused"`
}

// PreviewFault is something wrong with a file.
type PreviewFault struct {
	Field   string `json:"field" doc:"The column that it is about; empty for the whole file"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Refused bool   `json:"refused" doc:"The file would not be taken; otherwise only rows of it"`
}

func (d *desk) preview(ctx context.Context, in *struct {
	rest.Upload
	As
	Kind string `query:"kind" enum:"inventory,events,tenures,linkages,sims,checks" doc:"Read it as this; as what it looks like when left out"`
	Size int64  `query:"size" minimum:"0" doc:"Bytes of the whole file, when this is its beginning"`
}) (*Preview, error) {
	kinds, err := d.of(access.From(ctx), in.Kind)
	if err != nil {
		return nil, err
	}
	body, _, err := in.Open()
	if err != nil {
		return nil, err
	}
	head, err := io.ReadAll(io.LimitReader(body, Head+1))
	if err != nil {
		return nil, fault.New(fault.Rejected, "The beginning of the file did not arrive whole; send it again.")
	}
	if len(head) > Head {
		return nil, fault.New(fault.TooLarge, "A preview takes the first %d bytes of a file and this is more; send only its beginning.", Head)
	}
	return look(begin(head, max(in.Size, int64(len(head)))), kinds, in.Kind, in.As)
}

// of are the kinds that somebody may send.
func (d *desk) of(who access.Principal, wanted string) ([]Kind, error) {
	var may []Kind
	for _, k := range d.kinds {
		if err := who.Allow(k.Need); err == nil {
			may = append(may, k)
		} else if k.Name == wanted {
			return nil, err
		}
	}
	if len(may) == 0 {
		return nil, who.Allow(d.kinds[0].Need)
	}
	return may, nil
}

// look reads a beginning as each kind, and as the one that is wanted or fits best it
// says what it found.
func look(b *beginning, kinds []Kind, wanted string, as As) (*Preview, error) {
	out := &Preview{Columns: []PreviewColumn{}, Rows: [][]string{}, Fields: []PreviewField{}, Problems: append([]PreviewFault{}, b.problems...)}
	likeliest, ok := b.likeliest(kinds)
	k := likeliest
	if out.Kind = likeliest.Name; !ok {
		out.Kind = "unknown"
	}
	if i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == wanted }); i >= 0 {
		k = kinds[i]
	}
	spec, err := as.Of(k.Spec)
	if err != nil {
		return nil, err
	}
	out.ReadAs = k.Name
	for _, c := range k.Spec.Columns {
		out.Fields = append(out.Fields, PreviewField{c.Name, c.Required})
	}
	return out, b.read(k, spec, as.DateOrder, out)
}
