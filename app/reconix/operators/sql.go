package operators

import (
	"encoding/json"
	"fmt"

	"reconexus/app/kit/day"
	"reconexus/store/sqlite"
)

const (
	operatorColumns = `code, name, mnc, aliases, coalesce(host_code, ''), valid_from, valid_to, version`
	bankColumns     = `code, name, valid_from, valid_to, version`
)

// alias is how an alias is kept: days as numbers, left out when they are not known.
type alias struct {
	Name string `json:"name"`
	From *int32 `json:"from,omitempty"`
	To   *int32 `json:"to,omitempty"`
}

func scanOperator(r sqlite.Row) (Operator, error) {
	var o Operator
	var aliases string
	if err := r.Scan(&o.Code, &o.Name, &o.MNC, &aliases, &o.HostCode, &o.ValidFrom, &o.ValidTo, &o.version); err != nil {
		return o, err
	}
	var kept []alias
	if err := json.Unmarshal([]byte(aliases), &kept); err != nil {
		return o, fmt.Errorf("read the aliases of %s: %w", o.Code, err)
	}
	o.Aliases = make([]Alias, len(kept))
	for i, a := range kept {
		o.Aliases[i] = Alias{a.Name, known(a.From), known(a.To)}
	}
	return o, nil
}

func known(n *int32) day.Day {
	if n == nil {
		return day.None
	}
	return day.Day(*n)
}

func (o Operator) aliasText() (string, error) {
	kept := make([]alias, len(o.Aliases))
	for i, a := range o.Aliases {
		kept[i] = alias{a.Name, number(a.From), number(a.To)}
	}
	text, err := json.Marshal(kept)
	return string(text), err
}

func number(d day.Day) *int32 {
	if !d.Known() {
		return nil
	}
	n := int32(d)
	return &n
}

func scanBank(r sqlite.Row) (b Bank, err error) {
	err = r.Scan(&b.Code, &b.Name, &b.ValidFrom, &b.ValidTo, &b.version)
	return b, err
}

// insertOperator keeps what is there already: an edit is never overwritten.
func insertOperator(tx *sqlite.Tx, o Operator) (added bool, err error) {
	aliases, err := o.aliasText()
	if err != nil {
		return false, err
	}
	n, err := sqlite.Exec(tx, `INSERT INTO operator (code, name, mnc, aliases, host_code, valid_from, valid_to)
		VALUES (?, ?, ?, ?, nullif(?, ''), ?, ?) ON CONFLICT (code) DO NOTHING`,
		o.Code, o.Name, o.MNC, aliases, o.HostCode, o.ValidFrom, o.ValidTo)
	return n == 1, err
}

func updateOperator(tx *sqlite.Tx, o Operator) error {
	aliases, err := o.aliasText()
	if err != nil {
		return err
	}
	_, err = sqlite.Exec(tx, `UPDATE operator SET name = ?, mnc = ?, aliases = ?, host_code = nullif(?, ''), valid_from = ?, valid_to = ?, version = version + 1 WHERE code = ?`,
		o.Name, o.MNC, aliases, o.HostCode, o.ValidFrom, o.ValidTo, o.Code)
	return err
}

func findOperator(tx *sqlite.Tx, code string) (Operator, error) {
	return sqlite.One(tx, scanOperator, `SELECT `+operatorColumns+` FROM operator WHERE code = ?`, code)
}

func listOperators(tx *sqlite.Tx, after string, limit, skip int) ([]Operator, error) {
	return sqlite.All(tx, scanOperator, `SELECT `+operatorColumns+` FROM operator WHERE code > ? ORDER BY code LIMIT ? OFFSET ?`, after, limit, skip)
}

// operatorUsed tells whether a row elsewhere refers to the operator. What operators
// told of tenures came by a feed, so that those need no look of their own.
func operatorUsed(tx *sqlite.Tx, code string) (bool, error) {
	return sqlite.One(tx, sqlite.Bool, `SELECT
		EXISTS (SELECT 1 FROM feed WHERE operator_code = ?1)
		OR EXISTS (SELECT 1 FROM recycled_sim INDEXED BY recycled_sim_operator WHERE operator_code = ?1 AND deleted_at IS NULL)
		OR EXISTS (SELECT 1 FROM operator WHERE host_code = ?1)
		OR EXISTS (SELECT 1 FROM user WHERE operator_code = ?1)
		OR EXISTS (SELECT 1 FROM api_key WHERE operator_code = ?1)`, code)
}

func insertBank(tx *sqlite.Tx, b Bank) (added bool, err error) {
	n, err := sqlite.Exec(tx, `INSERT INTO bank (code, name, valid_from, valid_to) VALUES (?, ?, ?, ?) ON CONFLICT (code) DO NOTHING`,
		b.Code, b.Name, b.ValidFrom, b.ValidTo)
	return n == 1, err
}

func updateBank(tx *sqlite.Tx, b Bank) error {
	_, err := sqlite.Exec(tx, `UPDATE bank SET name = ?, valid_from = ?, valid_to = ?, version = version + 1 WHERE code = ?`,
		b.Name, b.ValidFrom, b.ValidTo, b.Code)
	return err
}

func findBank(tx *sqlite.Tx, code string) (Bank, error) {
	return sqlite.One(tx, scanBank, `SELECT `+bankColumns+` FROM bank WHERE code = ?`, code)
}

func listBanks(tx *sqlite.Tx, after string, limit, skip int) ([]Bank, error) {
	return sqlite.All(tx, scanBank, `SELECT `+bankColumns+` FROM bank WHERE code > ? ORDER BY code LIMIT ? OFFSET ?`, after, limit, skip)
}

func bankUsed(tx *sqlite.Tx, code string) (bool, error) {
	return sqlite.One(tx, sqlite.Bool, `SELECT
		EXISTS (SELECT 1 FROM linkage WHERE bank_code = ?1 AND bank_code <> '')
		OR EXISTS (SELECT 1 FROM user WHERE bank_code = ?1)
		OR EXISTS (SELECT 1 FROM api_key WHERE bank_code = ?1)`, code)
}

func removeOperator(tx *sqlite.Tx, code string) error {
	_, err := sqlite.Exec(tx, `DELETE FROM operator WHERE code = ?`, code)
	return err
}

func removeBank(tx *sqlite.Tx, code string) error {
	_, err := sqlite.Exec(tx, `DELETE FROM bank WHERE code = ?`, code)
	return err
}

// readDirectory reads both tables whole: they have some dozens of rows.
func readDirectory(tx *sqlite.Tx) (*directory, error) {
	all, err := listOperators(tx, "", 10_000, 0)
	if err != nil {
		return nil, err
	}
	banks, err := listBanks(tx, "", 10_000, 0)
	return newDirectory(all, banks), err
}
