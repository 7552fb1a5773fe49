package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const sniffLength = 64 << 10

// decode puts between the caller's reader and the blocks what turns the file
// into UTF-8 with line feeds.
func (f *File) decode(r io.Reader) error {
	counted := &counter{r: r}
	f.taken = &counted.n
	in := bufio.NewReaderSize(counted, sniffLength)
	start, err := peek(in, 4)
	if err != nil {
		return err
	}
	if bytes.HasPrefix(start, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return gzipFault(err)
		}
		f.dialect.Compression = "gzip"
		in = bufio.NewReaderSize(&gunzip{unzipped}, sniffLength)
	}
	text, err := f.toUTF8(in)
	if err != nil {
		return err
	}
	f.in, err = f.toLineFeeds(text)
	return err
}

// toUTF8 goes by the byte order mark and, without one, by where the NUL bytes
// lie: text in Latin letters has one in every UTF-16 unit.
func (f *File) toUTF8(in *bufio.Reader) (*bufio.Reader, error) {
	start, err := peek(in, 1024)
	if err != nil {
		return nil, err
	}
	if what := foreign(start); what != "" {
		return nil, refuse(NotText, "the file is %s: export it as CSV (UTF-8) and send that", what)
	}
	f.dialect.Encoding = "UTF-8"
	endian := unicode.LittleEndian
	switch {
	case bytes.HasPrefix(start, []byte{0xef, 0xbb, 0xbf}):
		_, err := in.Discard(3)
		return in, err
	case bytes.HasPrefix(start, []byte{0xff, 0xfe}):
		f.dialect.Encoding = "UTF-16LE"
	case bytes.HasPrefix(start, []byte{0xfe, 0xff}):
		f.dialect.Encoding, endian = "UTF-16BE", unicode.BigEndian
	default:
		even, odd := nuls(start)
		switch pairs := len(start) / 2; {
		case pairs >= 2 && odd*4 >= pairs*3 && even*8 < pairs:
			f.dialect.Encoding = "UTF-16LE"
		case pairs >= 2 && even*4 >= pairs*3 && odd*8 < pairs:
			f.dialect.Encoding, endian = "UTF-16BE", unicode.BigEndian
		default:
			return in, nil
		}
	}
	decoder := unicode.UTF16(endian, unicode.UseBOM).NewDecoder()
	return bufio.NewReaderSize(transform.NewReader(in, decoder), sniffLength), nil
}

// toLineFeeds takes a file whose lines end with carriage returns only.
func (f *File) toLineFeeds(in *bufio.Reader) (io.Reader, error) {
	start, err := peek(in, sniffLength)
	if err != nil {
		return nil, err
	}
	at := bytes.IndexByte(start, '\n')
	switch {
	case at > 0 && start[at-1] == '\r':
		f.dialect.LineEnd = "CRLF"
	case at < 0 && bytes.IndexByte(start, '\r') >= 0:
		f.dialect.LineEnd = "CR"
		return &feeder{in}, nil
	default:
		f.dialect.LineEnd = "LF"
	}
	return in, nil
}

// peek looks ahead; a file shorter than that is no fault. What else goes wrong
// here is told by the read that comes to it, unless nothing can be read.
func peek(in *bufio.Reader, n int) ([]byte, error) {
	start, err := in.Peek(n)
	if len(start) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return start, nil
}

// foreign names what is sent in the place of text, by its first bytes.
func foreign(start []byte) string {
	for _, kind := range []struct{ magic, what string }{
		{"PK\x03\x04", "an Excel workbook (.xlsx) or a zip archive"},
		{"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"},
		{"%PDF", "a PDF"},
		{"\x1f\x8b", "gzipped twice"},
		{"\x28\xb5\x2f\xfd", "compressed with zstd"},
		{"BZh", "compressed with bzip2"},
		{"\xfd7zXZ\x00", "compressed with xz"},
		{"7z\xbc\xaf", "a 7-Zip archive"},
		{"SQLite format 3\x00", "an SQLite database"},
		{"\xff\xfe\x00\x00", "UTF-32 text"},
		{"\x00\x00\xfe\xff", "UTF-32 text"},
	} {
		if bytes.HasPrefix(start, []byte(kind.magic)) {
			return kind.what
		}
	}
	return ""
}

func nuls(b []byte) (even, odd int) {
	for i, c := range b {
		if c == 0 {
			if i%2 == 0 {
				even++
			} else {
				odd++
			}
		}
	}
	return even, odd
}

// gunzip tells the faults of gzip in our words.
type gunzip struct{ r io.Reader }

func (g *gunzip) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = gzipFault(err)
	}
	return n, err
}

func gzipFault(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return refuse(TruncatedGzip, "the gzip file breaks off before its end, so rows are missing: send it again, whole")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		return refuse(BadGzip, "the gzip file is damaged (%v): send it again", err)
	}
	return fmt.Errorf("read the gzip file: %w", err)
}

// feeder turns carriage returns into line feeds.
type feeder struct{ r io.Reader }

func (f *feeder) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	for rest := p[:n]; ; {
		at := bytes.IndexByte(rest, '\r')
		if at < 0 {
			return n, err
		}
		rest[at] = '\n'
		rest = rest[at+1:]
	}
}

type counter struct {
	r io.Reader
	n atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}
