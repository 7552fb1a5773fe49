package holder

import "strings"

// New reads the tables.
func New() *Names {
	names := &Names{words: make(map[string]word, 2048)}
	for line := range strings.Lines(yoruba + igbo + muslim + christian + south) {
		same := strings.Fields(line)
		if len(same) == 0 {
			continue
		}
		names.stand = append(names.stand, fold(nil, []byte(same[0])))
		for _, form := range same {
			names.add(form, word{name, int32(len(names.stand) - 1)})
		}
	}
	for kind, list := range map[kind]string{title: titles, maybe: maybeTitles, particle: particles} {
		for _, form := range strings.Fields(list) {
			names.add(form, word{kind: kind})
		}
	}
	return names
}

func (names *Names) add(form string, w word) {
	folded := string(fold(nil, []byte(form)))
	names.words[folded] = w
	names.longest = max(names.longest, len(folded))
}

// What stands beside names in forms and registers.
const (
	titles = `mr mrs miss ms mister dr doc engr engineer alhaji alh alhaja hajia hajiya haj hajj barr barrister prof professor rev revd reverend
		hon honourable honorable arc architect surv surveyor pharm qs tpl pst comr comrade capt col gen maj lt ltcol sgt cpl insp asp dsp csp acp supt
		amb sen chief chf hrh hrm otunba mallam malam mal ustaz ustadh alfa evang evangelist deaconess dcn dcns late
		phd bsc msc fca aca fnse mnse fnim mni oon ofr cfr mfr jp esq jnr jr snr sr nee aka`
	maybeTitles = `prince princess king queen sir lady dame madam mama papa master major general captain colonel senator governor ambassador doctor
		pastor apostle bishop archbishop deacon elder prophet prophetess imam sheikh shaikh shaykh sheik mazi lolo nze ichie oba san con`
	particles = `al el bin ibn bn bint`
)
