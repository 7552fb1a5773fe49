package generate

import (
	"bytes"
	"strconv"

	"reconexus/app/kit/day"
)

const (
	inventoryHeader = "MSISDN,SIM_SERIAL,IMSI,ACTIVATION_DATE,SUBSCRIBER_NAME,STATUS"
	truthHeader     = "msisdn,event\n"
	byteOrderMark   = "\uFEFF"
	progressEvery   = 1 << 16
)

// inventory writes the file of the world's day and the truth beside it.
func (w *world) inventory(out, truth *feed) error {
	w.headings(out)
	truth.header(truthHeader)
	err := w.walk(func(s *sighting) error {
		if w.here(s, s.now) {
			w.row(out, s)
			w.tell(out.rows)
		}
		if err := w.labelEvents(truth, s); err != nil {
			return err
		}
		return out.flushFull()
	})
	if w.Defects {
		out.text = strconv.AppendInt(append(out.text, "TOTAL,"...), int64(out.rows), 10)
		out.text = append(out.text, "\r\n"...)
	}
	return err
}

func (w *world) headings(out *feed) {
	if w.Defects {
		out.header(byteOrderMark)
	}
	out.header(inventoryHeader)
	if w.WithNIN {
		out.header(",NIN")
	}
	if w.Defects {
		out.header(",REGION,DEVICE\r\n")
		return
	}
	out.header("\n")
}

func (w *world) tell(rows int) {
	if w.Progress != nil && rows%progressEvery == 0 {
		w.Progress(rows, w.Rows)
	}
}

// row writes one line of the inventory, with its defect if it has one.
func (w *world) row(out *feed, s *sighting) {
	flaw := w.flaw(s.line, w.Day)
	start := len(out.text)
	b := appendNumber(out.text, s.msisdn, flaw)
	sim := card{network: s.network(s.now), home: s.block.index, slot: s.slot, generation: s.now.card}
	mnc := w.home.mnc // the file is the serving operator's
	b = append(b, ',')
	b = appendSerial(b, sim, mnc, flaw)
	b = append(b, ',')
	b = appendIMSI(b, sim, mnc, flaw)
	b = append(b, ',')
	b = appendDate(b, s.now.activated, flaw)
	b = append(b, ',')
	holder := w.names.holder(s.line, s.now.holder)
	b = appendHolder(b, holder, s.now.spelling, flaw)
	b = append(b, ',')
	b = append(b, s.now.standing.String()...)
	if w.WithNIN {
		b = appendDigits(append(b, ','), holder.nin(), 11)
	}
	if w.Defects {
		b = appendExtras(b, s.line)
		b = append(b, '\r')
	}
	b = append(b, '\n')
	out.rows++
	if flaw == rowTwice {
		b = append(b, b[start:]...)
		out.rows++
	}
	out.text = b
}

// String is the standing as the STATUS column spells it.
func (s standing) String() string {
	switch s {
	case active:
		return "active"
	case churned:
		return "churned"
	case quarantined:
		return "quarantined"
	}
	return ""
}

// appendSerial writes the ICCID: 89 (telecom), 234, the issuer, twelve digits of
// the card and the Luhn digit of ITU-T E.118, twenty in all.
func appendSerial(b []byte, sim card, mnc uint64, flaw defect) []byte {
	start := len(b)
	b = append(b, "89234"...)
	b = appendDigits(b, mnc, 2)
	b = appendDigits(b, sim.serialBody(), 12)
	b = append(b, luhn(b[start:]))
	switch flaw {
	case serialEaten:
		return eaten(b, start)
	case serialFiller:
		b = append(b, 'F')
	}
	return b
}

// luhn is the check digit to append to an odd number of digits.
func luhn(digits []byte) byte {
	sum := 0
	for i, c := range digits {
		d := int(c - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}

func appendIMSI(b []byte, sim card, mnc uint64, flaw defect) []byte {
	b = append(b, "621"...)
	b = appendDigits(b, mnc, 2)
	b = appendDigits(b, sim.subscription(), 10)
	if flaw == imsiShort {
		b = b[:len(b)-1]
	}
	return b
}

func appendDate(b []byte, d day.Day, flaw defect) []byte {
	start := len(b)
	b = d.Append(b)
	if flaw == dateImpossible {
		copy(b[start+len("2006"):], "-02-30")
	}
	return b
}

func appendHolder(b []byte, p person, spelling uint8, flaw defect) []byte {
	switch flaw {
	case nameMissing:
		return b
	case nameComma:
		return append(p.appendFormal(append(b, '"')), '"')
	case nameBroken:
		b = append(b, '"')
		start := len(b)
		b = p.appendName(b, spelling)
		b[start+bytes.IndexByte(b[start:], ' ')] = '\n'
		return append(b, '"')
	}
	return p.appendName(b, spelling)
}

// appendDigits writes n in exactly width digits.
func appendDigits(b []byte, n uint64, width int) []byte {
	const zeros = "00000000000000000000"
	b = append(b, zeros[:width]...)
	for i := len(b) - 1; n > 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return b
}
