package day

// The proleptic Gregorian calendar by arithmetic. Years are counted from 1
// March, so that the leap day is the last of its year, in eras of 400 years,
// which all have the same number of days.
const (
	daysPerEra = 146097 // 400 years
	epochDays  = 719468 // 0000-03-01 to 1970-01-01
)

func daysFromCivil(year, month, date int) int {
	if month <= 2 {
		year--
		month += 12
	}
	era, yearOfEra := floorDiv(year, 400)
	dayOfYear := (153*(month-3)+2)/5 + date - 1
	return era*daysPerEra + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - epochDays
}

func civilFromDays(days int) (year, month, date int) {
	era, dayOfEra := floorDiv(days+epochDays, daysPerEra)
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	shifted := (5*dayOfYear + 2) / 153 // 0 is March
	year, month, date = era*400+yearOfEra, shifted+3, dayOfYear-(153*shifted+2)/5+1
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, date
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

func floorDiv(a, b int) (quotient, remainder int) {
	quotient, remainder = a/b, a%b
	if remainder < 0 {
		quotient, remainder = quotient-1, remainder+b
	}
	return quotient, remainder
}
