package day

import (
	"bytes"
	"database/sql/driver"
	"fmt"
	"math"
)

// MarshalText writes the day as String does; None is empty.
func (d Day) MarshalText() ([]byte, error) { return d.Append(nil), nil }

// UnmarshalText reads "2006-01-02"; the empty text is None, as MarshalText
// wrote it.
func (d *Day) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = None
		return nil
	}
	parsed, err := Parse(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}

// MarshalJSON writes "2006-01-02", and null for None.
func (d Day) MarshalJSON() ([]byte, error) {
	if d == None {
		return []byte("null"), nil
	}
	return append(d.Append([]byte{'"'}), '"'), nil
}

// UnmarshalJSON reads "2006-01-02" or null.
func (d *Day) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*d = None
		return nil
	}
	if len(data) < 2 || data[0] != '"' || data[len(data)-1] != '"' {
		return fmt.Errorf("a day is a string such as \"2026-11-20\", or null, not %s", clip(string(data)))
	}
	parsed, err := Parse(string(data[1 : len(data)-1]))
	if err == nil {
		*d = parsed
	}
	return err
}

// Value keeps a day in SQL as its number, and None as NULL.
func (d Day) Value() (driver.Value, error) {
	if d == None {
		return nil, nil
	}
	return int64(d), nil
}

// Scan reads what Value wrote.
func (d *Day) Scan(from any) error {
	switch v := from.(type) {
	case nil:
		*d = None
		return nil
	case int64:
		if v >= math.MinInt32 && v <= math.MaxInt32 {
			*d = Day(v)
			return nil
		}
	}
	return fmt.Errorf("a day is kept as a whole number of days since 1970-01-01, not as %T", from)
}
