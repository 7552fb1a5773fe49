package tenure

import (
	"encoding/json"
	"fmt"

	"reconexus/store/sqlite"
)

// OfMany hands out what holds now about each known one of many distinct numbers, in
// the order asked, in one query. Histories are fresh; visit may keep them.
func OfMany(tx *sqlite.Tx, numbers []int64, visit func(History) error) error {
	list, err := json.Marshal(numbers)
	if err != nil {
		return fmt.Errorf("ask about many numbers: %w", err)
	}
	var h History
	err = sqlite.Each(tx, func(r sqlite.Row) error {
		s, err := scan(r)
		if err != nil {
			return err
		}
		if len(h) > 0 && h[0].MSISDN != s.MSISDN {
			if err := visit(h); err != nil {
				return err
			}
			h = nil
		}
		h = append(h, s)
		return nil
	}, `SELECT `+columns+` FROM json_each(?) AS asked CROSS JOIN tenure ON msisdn = asked.value WHERE retracted_at IS NULL`, string(list))
	if err != nil || len(h) == 0 {
		return err
	}
	return visit(h)
}
