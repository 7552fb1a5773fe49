package inventory

import (
	"context"

	"reconexus/app/reconix/tenure"
	"reconexus/store/sqlite"
)

// rebuild makes an operator's last snapshot again from what the store knows, when the
// file is gone or damaged. Its records have no hash of their rows and no cards, so the
// next feed reads every row in full and finds what differs by the tenures.
func (s *Service) rebuild(ctx context.Context, operator, path string) (*snapshot, error) {
	w, err := createSnapshot(path, 0)
	if err != nil {
		return nil, err
	}
	_, err = sqlite.Read(ctx, s.DB, func(tx *sqlite.Tx) (struct{}, error) {
		return struct{}{}, tenure.Each(tx, 0, 1<<62, func(h tenure.History) error {
			p := h.Present()
			if p.Operator != operator || !p.Open() {
				return nil
			}
			r := record{msisdn: p.MSISDN, holder: p.Holder.Token, names: p.Holder.Names, kind: p.Holder.Kind, activated: noDay}
			if p.Activated.Known() {
				r.activated = int16(p.Activated)
			}
			return w.add(&r)
		})
	})
	if err != nil {
		return nil, err
	}
	if err := w.close(); err != nil {
		return nil, err
	}
	return openSnapshot(path)
}
