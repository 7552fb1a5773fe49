package holder

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func canonical(names *Names, name string) string {
	return string(names.Canonical(nil, []byte(name)))
}

// Each line is one person as different files have the name.
func TestOnePersonInManySpellings(t *testing.T) {
	names := New()
	for _, same := range [][]string{
		{"Oluwaseun Adeyemi", "ADEYEMI SEUN", "Adeyẹmí, Olúwaṣeun", "Mr. Seun Adeyemi", "Oluwa Seun ADEYEMI", "Adeyemi Oluwaseun O.", "seun  yemi"},
		{"Chukwuemeka Okafor", "OKAFOR EMEKA", "Engr. Emeka Okafor", "Okafor, Chukwu-Emeka", "Chief Engr. Dr. Emeka Okafor (MNSE)"},
		{"Muhammad Sani", "MOHAMMED SANI", "Muhammadu Sani", "Alhaji Sani Mohd", "sani muhd.", "MALLAM MUHAMMED SANI"},
		{"A'ishatu Bello", "AISHATU BELLO", "Aisha Bello", "BELLO AYESHA", "A’ishatu Bello", "Hajiya Aisha Bello", "ʿĀʾisha Bello"},
		{"Abdulrahman Musa", "ABDUL RAHMAN MUSA", "Musa Abdul-Rahman", "Abdurrahman Moussa", "Rahman Musa Abdul", "Musa Abd. Rahaman"},
		{"Ɓala Ɗanjuma", "BALA DANJUMA", "Danjuma Bala"},
		{"Ƙasimu Yahaya", "KASIMU YAHAYA", "Yahya Qasim"},
		{"Ngozi Okonjo", "Ngozichukwu Okonjo", "Ọkọnjọ Ngọzị"},
		{"Nasir El-Rufai", "NASIRU RUFAI", "Rufai, Nasir el"},
		{"Prince Emeka Okafor", "Emeka Okafor"},
		{"Ngozi A. Okafor", "OKAFOR NGOZI"},
		{"Fashola Opeyemi", "Faṣọlá Ọpẹ́yẹmí", "OPEYEMI FASOLA"},
	} {
		want := canonical(names, same[0])
		for _, spelling := range same[1:] {
			if got := canonical(names, spelling); got != want {
				t.Errorf("%q is %q, and %q is %q", spelling, got, same[0], want)
			}
		}
	}
}

func TestTwoPersonsStayTwo(t *testing.T) {
	names := New()
	for _, pair := range [][2]string{
		{"Seun Adeyemi", "Seun Adebayo"}, {"Musa Musa", "Musa"}, {"A Okafor", "B Okafor"}, {"Prince Okafor", "Okafor"},
		{"Chukwuemeka Okafor", "Chukwudi Okafor"}, {"Hassan Bello", "Hussaini Bello"}, {"Fatima Aliyu", "Faiza Aliyu"}, {"Habib Sani", "Habiba Sani"},
		{"King Sunday", "Sunday"}, {"李 明", "李 红"},
	} {
		if a, b := canonical(names, pair[0]), canonical(names, pair[1]); a == b {
			t.Errorf("%q and %q are both %q", pair[0], pair[1], a)
		}
	}
}

func TestCanonicalForms(t *testing.T) {
	names := New()
	for name, want := range map[string]string{
		"": "", " .,- ": "", "Alhaji": "alhaji", "Mr Mrs": "mr mrs", "Dr. A": "a", "A B": "a b", "J. P. Okoro": "j okoro p", "O'Brien Smith": "obrien smith",
		"Pastor Musa": "musa pastor", "Late Chief Obi Okeke Jnr.": "obi okeke", "Musa2 Bello": "bello musa", "\xff\xfeMusa\xffBello": "bello musa",
	} {
		if got := canonical(names, name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
	if got := string(names.Canonical([]byte("before:"), []byte("Seun"))); got != "before:oluwaseun" {
		t.Error(got)
	}
}

// The tables are data typed by hand, so what holds for all of them is tested
// on all of them.
func TestTables(t *testing.T) {
	seen := map[string]string{}
	lines := 0
	for _, table := range []string{yoruba, igbo, muslim, christian, south} {
		for line := range strings.Lines(table) {
			forms := strings.Fields(line)
			if len(forms) == 0 {
				continue
			}
			lines++
			if len(forms) == 1 {
				t.Errorf("%q has nothing to be equal to", line)
			}
			for _, form := range forms {
				if other, ok := seen[form]; ok {
					t.Errorf("%q is on the line of %s and on that of %s", form, other, forms[0])
				}
				seen[form] = forms[0]
				if strings.Trim(form, "abcdefghijklmnopqrstuvwxyz") != "" || len(form) < 2 {
					t.Errorf("%q can never be met: tokens are small plain letters, two or more", form)
				}
			}
		}
	}
	for _, form := range strings.Fields(titles + " " + maybeTitles + " " + particles) {
		if other, ok := seen[form]; ok {
			t.Errorf("%q is a title or particle and also %s", form, other)
		}
		seen[form] = "a title"
	}
	if lines < 400 {
		t.Errorf("%d names in the tables", lines)
	}
}

func TestCompare(t *testing.T) {
	names, keyed := New(), NewKeyed([16]byte{1, 2, 3})
	for _, c := range []struct {
		a, b   string
		same   bool
		reason string
		score  float64
	}{
		{"Emeka Okafor", "OKAFOR CHUKWUEMEKA", true, Equal, 1},
		{"Emeka Okafor", "Emeka John Okafor", true, PartOfWhole, 0.95},
		{"Emeka John Okafor Nwosu", "Okafor Emeka", true, PartOfWhole, 0.9},
		{"Emeka John Okafor", "Emeka Peter Okafor", false, Alike, 0.6},
		{"Emeka Okafor", "Ngozi Okafor", false, OneCommon, 0.2},
		{"Okafor", "Emeka Okafor", false, OneToken, 0.3},
		{"Okafor", "Okafor", true, Equal, 1},
		{"Okafor", "Okeke", false, Different, 0},
		{"Emeka Okafor", "Musa Bello", false, Different, 0},
		{"Musa Musa", "Musa Bello", false, OneCommon, 0.2},
		{"", "Musa Bello", false, NoName, 0},
		{"", "", false, NoName, 0},
	} {
		for range 2 {
			a, b := names.Canonical(nil, []byte(c.a)), names.Canonical(nil, []byte(c.b))
			score, same, reason := Compare(keyed.Token(a), keyed.Signature(a), keyed.Token(b), keyed.Signature(b))
			if score != c.score || same != c.same || reason != c.reason {
				t.Errorf("%q and %q: %v %v %s, want %v %v %s", c.a, c.b, score, same, reason, c.score, c.same, c.reason)
			}
			c.a, c.b = c.b, c.a
		}
	}
}

func TestTokensNeedTheKey(t *testing.T) {
	name := []byte("chukwuemeka okafor")
	one, other := NewKeyed([16]byte{1}), NewKeyed([16]byte{2})
	if one.Token(name) == other.Token(name) || one.Signature(name) == other.Signature(name) {
		t.Error("another key must give other tokens")
	}
	if one.Token(name) != NewKeyed([16]byte{1}).Token(name) || one.Token(nil) != 0 || one.Token(name) == 0 {
		t.Error("the same key must give the same token, and no name none")
	}
	single := []byte("okafor")
	if uint16(one.Token(single)) == one.Signature(single)[0] {
		t.Error("a token must not show its digest")
	}
	if s := one.Signature([]byte("a b c d e f")); !slices.IsSorted(s[:]) || s.len() != 4 {
		t.Errorf("%v", s)
	}
}

// The probabilities of the package comment, measured: unrelated random tokens
// of two and three, one of them common.
func TestFalseMatchesAreAsRareAsClaimed(t *testing.T) {
	keyed := NewKeyed([16]byte{9})
	random := rand.New(rand.NewPCG(3, 4))
	const pairs = 300_000
	wrong := 0
	for i := range pairs {
		a := fmt.Appendf(nil, "common%d x%d", i, random.Uint64())
		b := fmt.Appendf(nil, "common%d y%d z%d", i, random.Uint64(), random.Uint64())
		if _, same, _ := Compare(keyed.Token(a), keyed.Signature(a), keyed.Token(b), keyed.Signature(b)); same {
			wrong++
		}
	}
	if expected := pairs / 32768; wrong == 0 || wrong > 2*expected {
		t.Errorf("%d of %d pairs with one common token were held to be one person, expected about %d", wrong, pairs, expected)
	}
}

func TestMatch(t *testing.T) {
	names := New()
	for _, c := range []struct {
		a, b     string
		low, top float64
		reason   string
	}{
		{"Emeka Okafor", "OKAFOR, Emeka", 1, 1, "2 equal"},
		{"Emeka Okafor", "Chukwuemeka Okafor", 0.95, 0.99, "1 in another form or spelling"},
		{"Chukwuemeka Okafor", "Okafor Chukwuem", 0.85, 0.95, "1 cut short"},
		{"Chukwuemeka Okafor", "Okaofr Chukwuemeka", 0.85, 0.95, "1 with one letter different"},
		{"Chukwuemeka Okafor", "Okafor C.", 0.7, 0.8, "1 given as an initial"},
		{"Emeka Okafor", "Emeka John Okafor", 0.9, 0.95, "1 without a counterpart"},
		{"Oluwatimilehin Ajayi", "Oluwatimilein Ajayi", 0.85, 0.95, "1 with one letter different"},
		{"Emeka Okafor", "Ngozi Okafor", 0, 0.3, "as among relatives"},
		{"Okafor", "Emeka Okafor", 0, 0.4, "as among relatives"},
		{"Okafor", "Okafor", 1, 1, "1 equal"},
		{"Emeka Okafor", "Musa Bello", 0, 0, "4 without a counterpart"},
		{"", "Musa Bello", 0, 0, "missing"},
	} {
		for range 2 {
			score, reasons := names.Match(c.a, c.b)
			if score < c.low || score > c.top || !strings.Contains(strings.Join(reasons, "; "), c.reason) {
				t.Errorf("%q and %q: %v %q, want %v to %v and %q", c.a, c.b, score, reasons, c.low, c.top, c.reason)
			}
			c.a, c.b = c.b, c.a
		}
	}
}

func TestCanonicalAllocatesNothing(t *testing.T) {
	names, keyed := New(), NewKeyed([16]byte{1})
	name, dst := []byte("Alhaji MOHAMMED Abdul-Rahman Okafor"), make([]byte, 0, 128)
	if n := testing.AllocsPerRun(100, func() {
		dst = names.Canonical(dst[:0], name)
		if keyed.Token(dst) == 0 || keyed.Signature(dst).len() == 0 {
			t.Fatal("no token")
		}
	}); n != 0 {
		t.Errorf("%v allocations a name", n)
	}
}

// Order never counts, canonical stays canonical, and nothing that comes breaks
// it.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{"Emeka Okafor", "A'ishatu Ɗan-Juma", "Abdul Rahman Musa", "Ṣeun Ọlá Ẹ̀kọ́", "Mr Prince A", "oluwa olu seun", "\xff\x00", strings.Repeat("ab ", 100), "abd abdul rahman"} {
		f.Add(seed)
	}
	names, keyed := New(), NewKeyed([16]byte{7})
	f.Fuzz(func(t *testing.T, name string) {
		once := canonical(names, name)
		if len(name) < 100 && !strings.ContainsAny(name, "\n") {
			words := strings.Fields(name)
			slices.Reverse(words)
			if utf8.ValidString(name) && len(words) < maxTokens && len(once) < 40 && !strings.ContainsFunc(name, func(r rune) bool { return r != ' ' && (r < 'A' || r > 'z') }) {
				if turned := canonical(names, strings.Join(words, " ")); turned != once {
					t.Fatalf("%q is %q, turned round %q", name, once, turned)
				}
			}
		}
		if strings.Contains(once, "  ") || strings.TrimSpace(once) != once || !slices.IsSorted(strings.Split(once, " ")) || !utf8.ValidString(once) {
			t.Fatalf("%q became %q", name, once)
		}
		signature := keyed.Signature([]byte(once))
		if (signature.len() == 0) != (once == "") || (keyed.Token([]byte(once)) == 0) != (once == "") {
			t.Fatalf("%q: %v", once, signature)
		}
		score, same, reason := Compare(keyed.Token([]byte(once)), signature, keyed.Token([]byte(once)), signature)
		if once != "" && (score != 1 || !same || reason != Equal) {
			t.Fatalf("%q is not equal to itself: %v %v %s", once, score, same, reason)
		}
		if score, _ := names.Match(name, name); once != "" && score != 1 {
			t.Fatalf("%q matches itself by %v", name, score)
		}
	})
}

func BenchmarkCanonical(b *testing.B) {
	names := New()
	for _, name := range []string{"OKAFOR CHUKWUEMEKA", "Okafor Emeka John", "Alhaji MOHAMMED SANI BELLO", "Musa Abdul Rahman", "Adéyẹmí Olúwaṣeun"} {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
			b.ReportAllocs()
			in, dst := []byte(name), make([]byte, 0, 128)
			for b.Loop() {
				dst = names.Canonical(dst[:0], in)
			}
		})
	}
}

func BenchmarkTokenAndSignature(b *testing.B) {
	keyed, name := NewKeyed([16]byte{1}), []byte("chukwuemeka john okafor")
	b.ReportAllocs()
	for b.Loop() {
		if keyed.Token(name) == 0 || keyed.Signature(name) == (Signature{}) {
			b.Fatal("no token")
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	keyed := NewKeyed([16]byte{1})
	x, y := []byte("chukwuemeka john okafor"), []byte("chukwuemeka okafor")
	xt, xs, yt, ys := keyed.Token(x), keyed.Signature(x), keyed.Token(y), keyed.Signature(y)
	for b.Loop() {
		if _, same, _ := Compare(xt, xs, yt, ys); !same {
			b.Fatal("not the same")
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if len(New().words) == 0 || bytes.Equal(nil, []byte("x")) {
			b.Fatal("no words")
		}
	}
}
