package holder

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxTokens = 12  // longer names lose their end
	maxText   = 192 // letters of a name that are looked at
)

// Names knows the equivalent names and the titles. It is made once by New,
// never changes, and may be shared.
type Names struct {
	words   map[string]word
	stand   [][]byte // the names that stand for their equivalents
	longest int      // word in the table
}

// word is what the table knows of one token.
type word struct {
	kind  kind
	stand int32 // index of the name that stands for it
}

type kind uint8

const (
	plain    kind = iota
	name          // has equivalents
	title         // Mr, Alhaji: never part of the name
	maybe         // Prince, Pastor: a title, or a name when there is little else
	particle      // al, bin
	initial       // a single letter
)

// token is one part of a name: a stretch of the folded text, or a name of the
// table.
type token struct {
	start, end int16
	kind       kind
	stand      int32 // valid when kind is name
}

// tokens is a name being worked on. It lives on the stack.
type tokens struct {
	text []byte
	all  [maxTokens]token
	n    int
}

// Canonical appends the canonical form of a name to dst: its tokens in small
// letters, sorted, with one space between them. It allocates nothing for names
// in ASCII. Two names are the same person's by all that we know of spelling
// when their canonical forms are equal.
func (names *Names) Canonical(dst, name []byte) []byte {
	var space [maxText]byte
	t := tokens{text: fold(space[:0], name)}
	t.split(names)
	t.join(names)
	t.drop()
	t.sort(names)
	for i := range t.n {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, t.bytes(names, i)...)
	}
	return dst
}

// fold brings a name to small letters with single spaces or none between
// words. Apostrophes vanish (A'ishatu, aishatu); whatever else is no letter
// parts words. The Yoruba ṣ is written sh or s where there is no key for it
// (Faṣọlá, Fashola, Fasola): all three are s.
func fold(dst, name []byte) []byte {
	for i, c := range name {
		switch {
		case c >= utf8.RuneSelf:
			return foldUnicode(dst[:0], name)
		case len(dst) == maxText:
			return dst
		case c|0x20 == 'h' && afterS(dst):
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			dst = append(dst, c|0x20)
		case c == '\'' || c == '`':
		default:
			if i > 0 {
				dst = append(dst, ' ')
			}
		}
	}
	return dst
}

// foldUnicode takes marks off letters (Ọ̀ is O), and gives the letters that
// have no such form the plain ones that people write in their place. Letters
// of other scripts stay.
func foldUnicode(dst, name []byte) []byte {
	decomposed := norm.NFD.Bytes(name[:min(len(name), 8*maxText)])
	for len(decomposed) > 0 {
		r, size := utf8.DecodeRune(decomposed)
		decomposed = decomposed[size:]
		if len(dst)+utf8.UTFMax > maxText {
			return dst
		}
		r = unicode.ToLower(r)
		switch {
		case r == utf8.RuneError:
			dst = append(dst, ' ')
		case unicode.Is(unicode.M, r) || unicode.Is(unicode.Cf, r) || apostrophe(r):
		case r == 'h' && afterS(dst):
		case plainOf(r) != "":
			dst = append(dst, plainOf(r)...)
		case unicode.IsLetter(r):
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, ' ')
		}
	}
	return dst
}

func afterS(folded []byte) bool { return len(folded) > 0 && folded[len(folded)-1] == 's' }

func apostrophe(r rune) bool {
	switch r {
	case '\'', '`', '´', '‘', '’', 'ʼ', 'ʻ', 'ʿ', 'ʾ', 'ˈ', '′', 'ʹ', 'ꞌ':
		return true
	}
	return false
}

// plainOf gives the letters that stand for one that does not decompose: those
// of Hausa and of Nigerian alphabets first.
func plainOf(r rune) string {
	switch r {
	case 'ɓ':
		return "b"
	case 'ɗ', 'đ', 'ð':
		return "d"
	case 'ƙ':
		return "k"
	case 'ƴ':
		return "y"
	case 'ŋ':
		return "n"
	case 'ɛ', 'ǝ', 'ə':
		return "e"
	case 'ɔ', 'ø':
		return "o"
	case 'ı':
		return "i"
	case 'ł':
		return "l"
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'þ':
		return "th"
	}
	return ""
}

// split parts the text and looks each word up.
func (t *tokens) split(names *Names) {
	for start, at := 0, 0; at <= len(t.text) && t.n < maxTokens; at++ {
		if at < len(t.text) && t.text[at] != ' ' {
			continue
		}
		if at > start {
			t.all[t.n] = names.token(t.text, start, at)
			t.n++
		}
		start = at + 1
	}
}

func (names *Names) token(text []byte, start, end int) token {
	found := token{start: int16(start), end: int16(end)}
	if word := text[start:end]; utf8.RuneCount(word) == 1 {
		found.kind = initial
	} else if len(word) <= names.longest {
		if known, ok := names.words[string(word)]; ok {
			found.kind, found.stand = known.kind, known.stand
		}
	}
	return found
}

func (t *tokens) bytes(names *Names, i int) []byte {
	if t.all[i].kind == name {
		return names.stand[t.all[i].stand]
	}
	return t.text[t.all[i].start:t.all[i].end]
}

// join puts together what is written in two words: Abdul Rahman, Oluwa Seun,
// in either order, since order does not count.
func (t *tokens) join(names *Names) {
	for i := 0; i < t.n; i++ {
		if !joins(t.text[t.all[i].start:t.all[i].end]) {
			continue
		}
		if other, joined := t.joined(names, i); other >= 0 {
			t.all[other].kind, t.all[other].stand = name, joined
			t.remove(i)
			i--
		}
	}
}

// joined finds the token that makes a known name with the i-th. Of several it
// is the first in the alphabet.
func (t *tokens) joined(names *Names, i int) (other int, stand int32) {
	var space [2 * maxText]byte
	first := t.text[t.all[i].start:t.all[i].end]
	other = -1
	for j := range t.n {
		if j == i || other >= 0 && bytes.Compare(t.bytes(names, other), t.bytes(names, j)) <= 0 {
			continue
		}
		second := t.bytes(names, j)
		if t.all[j].kind == name && len(second) > len(first) && bytes.HasPrefix(second, first) {
			other, stand = j, t.all[j].stand // Oluwa Seun: Seun stands for it already
		} else if whole, ok := names.words[string(append(append(space[:0], first...), second...))]; ok && whole.kind == name {
			other, stand = j, whole.stand
		}
	}
	return other, stand
}

// joins tells the first halves of names that are also written apart.
func joins(word []byte) bool {
	switch string(word) {
	case "abdul", "abdu", "abd", "abdur", "abdus", "oluwa", "olu", "chukwu", "oghene":
		return true
	}
	return false
}

func (t *tokens) remove(i int) {
	copy(t.all[i:t.n], t.all[i+1:t.n])
	t.n--
}

// drop takes off titles, particles and initials, as long as a name is left: of
// a single word nobody could say whose it is, so initials and words that are
// names as well stay beside it.
func (t *tokens) drop() {
	var count [initial + 1]int
	for i := range t.n {
		count[t.all[i].kind]++
	}
	sure := count[plain] + count[name]
	for i := 0; i < t.n; i++ {
		surplus := false
		switch t.all[i].kind {
		case title:
			surplus = sure+count[maybe]+count[initial] > 0
		case particle:
			surplus = sure+count[maybe] > 0
		case maybe, initial:
			surplus = sure >= 2
		}
		if surplus {
			t.remove(i)
			i--
		}
	}
}

// sort is an insertion sort: there are two or three tokens.
func (t *tokens) sort(names *Names) {
	for i := 1; i < t.n; i++ {
		for j := i; j > 0 && bytes.Compare(t.bytes(names, j), t.bytes(names, j-1)) < 0; j-- {
			t.all[j], t.all[j-1] = t.all[j-1], t.all[j]
		}
	}
}
