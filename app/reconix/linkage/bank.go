package linkage

import (
	"fmt"
	"strings"
	"unicode"

	"reconexus/app/reconix/numbering"
	"reconexus/store/sqlite"
)

// Bank is one that a BVN may be used at.
type Bank struct {
	Code string `json:"code"` // CBN code
	Name string `json:"name"`
}

// banks finds banks by what files call them.
type banks struct {
	all   []Bank // as they were read, for a checkpoint
	known map[string]string
}

func readBanks(tx *sqlite.Tx) (*banks, error) {
	all, err := sqlite.All(tx, func(r sqlite.Row) (b Bank, err error) {
		err = r.Scan(&b.Code, &b.Name)
		return b, err
	}, `SELECT code, name FROM bank ORDER BY code`)
	if err != nil {
		return nil, fmt.Errorf("read the banks: %w", err)
	}
	return newBanks(all), nil
}

func newBanks(all []Bank) *banks {
	b := &banks{all: all, known: make(map[string]string, 3*len(all))}
	for _, bank := range all {
		b.known[plain(bank.Name)] = bank.Code
	}
	for _, bank := range all {
		// A spreadsheet takes 044 for the number 44.
		if short := strings.TrimLeft(bank.Code, "0"); b.known[short] == "" {
			b.known[short] = bank.Code
		}
	}
	for _, bank := range all {
		b.known[plain(bank.Code)] = bank.Code
	}
	return b
}

// code is the CBN code of the bank that a cell names by code or by name.
func (b *banks) code(cell []byte) (string, error) {
	name := string(cell)
	if code, ok := b.known[name]; ok {
		return code, nil // as nearly all files have it, without a second look
	}
	if name = plain(name); name == "" {
		return "", &numbering.Rejection{Code: numbering.Empty, Message: "a BVN linkage needs its bank: give the CBN code, such as 044"}
	}
	if code, ok := b.known[name]; ok {
		return code, nil
	}
	return "", &numbering.Rejection{Code: "UNKNOWN_BANK", Message: "no bank goes by this code or name: give the CBN code, such as 044 (the list of banks has them all)"}
}

// plain is a name by its letters and digits.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}
