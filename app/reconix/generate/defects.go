package generate

import "reconexus/app/kit/day"

// defect is what is wrong with a row; the package comment describes each.
type defect uint8

const (
	noDefect defect = iota
	// A reader mends these.
	numberLocal
	numberBare
	numberQuoted
	numberFormal
	numberSpaced
	serialFiller
	nameComma
	nameBroken
	rowTwice
	// A reader refuses the row for these.
	serialEaten
	imsiShort
	nameMissing
	dateImpossible
	defects
)

const defectShare = 0.02

// flaw is the defect of a line's row in the file of a day.
func (w *world) flaw(line key, d day.Day) defect {
	if !w.Defects {
		return noDefect
	}
	h := line.pick(saltDefect + uint64(d))
	if !chance(h, defectShare) {
		return noDefect
	}
	return numberLocal + defect(below(h<<32, uint64(defects-numberLocal)))
}

// refused tells whether a reader cannot take the line's row in the file of a day.
func (w *world) refused(line key, d day.Day) bool { return w.flaw(line, d) >= serialEaten }

// appendNumber writes the MSISDN; every form of it can be read back.
func appendNumber(b []byte, msisdn uint64, flaw defect) []byte {
	national := msisdn % 10_000_000_000
	switch flaw {
	case numberLocal:
		return appendDigits(b, national, 11)
	case numberBare:
		return appendDigits(b, national, 10)
	case numberQuoted:
		return appendDigits(append(b, '\''), national, 11)
	case numberFormal:
		b = append(b, "+234 (0)"...)
		return appendGroups(b, national)
	case numberSpaced:
		b = append(b, " 234 "...)
		return append(appendGroups(b, national), ' ')
	}
	return appendDigits(b, msisdn, 13)
}

func appendGroups(b []byte, national uint64) []byte {
	b = append(appendDigits(b, national/10_000_000, 3), ' ')
	b = append(appendDigits(b, national/10_000%1000, 3), ' ')
	return appendDigits(b, national%10_000, 4)
}

// eaten turns the digits from start on into what a spreadsheet saves of them.
func eaten(b []byte, start int) []byte {
	digits := len(b) - start
	copy(b[start+2:], b[start+1:start+6])
	b[start+1] = '.'
	b = append(b[:start+7], "E+"...)
	return appendDigits(b, uint64(digits-1), 2)
}

// appendFormal writes the name as registers do: surname, a comma, the rest.
func (p person) appendFormal(b []byte) []byte {
	b = append(append(b, p.surname.usual[1]...), ", "...)
	b = append(b, p.first.usual[1]...)
	if p.middle != nil {
		b = append(append(b, ' '), p.middle.usual[1]...)
	}
	return b
}

func appendExtras(b []byte, line key) []byte {
	regions := [...]string{"LAGOS", "KANO", "RIVERS", "FCT ABUJA", "ENUGU", "BORNO"}
	devices := [...]string{"4G", "3G", "2G", "5G"}
	b = append(append(b, ','), regions[uint64(line)%uint64(len(regions))]...)
	return append(append(b, ','), devices[uint64(line)>>32%uint64(len(devices))]...)
}
