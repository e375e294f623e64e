package locale_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"biobridge/agent/locale"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		tag  string
		want locale.Lang
		ok   bool
	}{
		{"en", locale.English, true},
		{"hi", locale.Hindi, true},
		{"HI", locale.Hindi, true},
		{"hi-IN", locale.Hindi, true},
		{"hi_IN.UTF-8", locale.Hindi, true},
		{"hi.UTF-8", locale.Hindi, true},
		{" hi ", locale.Hindi, true},
		{"en-GB", locale.English, true},
		{"fr", locale.English, false},
		{"hindi", locale.English, false},
		{"", locale.English, false},
	} {
		if got, ok := locale.Parse(test.tag); got != test.want || ok != test.ok {
			t.Errorf("Parse(%q) = %s, %t, want %s, %t", test.tag, got, ok, test.want, test.ok)
		}
	}
}

func TestAccepted(t *testing.T) {
	for _, test := range []struct {
		header string
		want   locale.Lang
	}{
		{"hi-IN,hi;q=0.9,en;q=0.8", locale.Hindi},
		{"en-IN,en;q=0.9,hi;q=0.8", locale.English},
		{"mr,hi;q=0.5", locale.Hindi},
		{"", locale.English},
		{"*", locale.English},
		{strings.Repeat("fr,", 1000) + "hi", locale.English},
	} {
		if got := locale.Accepted(test.header); got != test.want {
			t.Errorf("Accepted(%.40q) = %s, want %s", test.header, got, test.want)
		}
	}
}

func TestText(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "hi.toml", "[test]\nhello = \"नमस्ते {name}\"\n[test.deep.deeper]\nx = \"गहरा\"\n")
	c, err := locale.LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		lang    locale.Lang
		key     string
		english string
		args    map[string]string
		want    string
	}{
		{"own language", locale.Hindi, "test.hello", "Hello {name}", map[string]string{"name": "X"}, "नमस्ते X"},
		{"English stands in code", locale.English, "test.hello", "Hello {name}", map[string]string{"name": "X"}, "Hello X"},
		{"missing key", locale.Hindi, "test.nothing", "Nothing", nil, "Nothing"},
		{"unknown language", locale.Lang("fr"), "test.hello", "Hello", nil, "Hello"},
		{"nested tables", locale.Hindi, "test.deep.deeper.x", "deep", nil, "गहरा"},
		{"missing value", locale.English, "k", "Hello {name}", map[string]string{"other": "X"}, "Hello {name}"},
		{"no values", locale.English, "k", "Hello {name}", nil, "Hello {name}"},
		{"twice", locale.English, "k", "{a}{b}{a}", map[string]string{"a": "1", "b": "2"}, "121"},
		{"a value is not filled again", locale.English, "k", "{a}", map[string]string{"a": "{b}", "b": "2"}, "{b}"},
		{"open brace", locale.English, "k", "{a} { b", map[string]string{"a": "1"}, "1 { b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := c.Text(test.lang, test.key, test.english, test.args); got != test.want {
				t.Errorf("Text = %q, want %q", got, test.want)
			}
		})
	}
	var none *locale.Catalogue
	if got := none.Text(locale.Hindi, "test.hello", "Hello {name}", map[string]string{"name": "X"}); got != "Hello X" {
		t.Errorf("nil catalogue: Text = %q", got)
	}
}

func TestLoadDir_overlay(t *testing.T) {
	built, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	keys := built.Keys(locale.Hindi)
	if len(keys) == 0 {
		t.Fatal("no Hindi is built in")
	}
	dir := t.TempDir()
	if _, err := locale.LoadDir(dir); err != nil {
		t.Errorf("an empty directory: %v", err)
	}
	write(t, dir, "hi.toml", `"`+keys[0]+`" = "neu"`)
	over, err := locale.LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := over.Text(locale.Hindi, keys[0], "", nil); got != "neu" {
		t.Errorf("%s = %q, want the directory's", keys[0], got)
	}
	if len(over.Keys(locale.Hindi)) != len(keys) {
		t.Errorf("%d keys, want the %d built in", len(over.Keys(locale.Hindi)), len(keys))
	}
}

func TestLoadDir_faults(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"no TOML", "a = \n", "line 1"},
		{"a number", "a = 1\n", "a is not a text"},
		{"a list", "[x]\na = [\"b\"]\n", "x.a is not a text"},
		{"empty", "a = \" \"\n", "a is empty"},
		{"twice", "a = \"1\"\na = \"2\"\n", "line 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "hi.toml", test.text)
			_, err := locale.LoadDir(dir)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "hi.toml") {
				t.Errorf("LoadDir = %v, want the file and %q", err, test.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "hi.toml", "[pkg]\na = \"{x} अ\"\nb = \"ब\"\nc = \"{y}\"\nold = \"पुराना\"\n")
	c, err := locale.LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	english := map[string]string{"pkg.a": "{x} a", "pkg.b": "b {n}", "pkg.c": "{y}", "pkg.d": "d"}
	got := strings.Join(c.Check(locale.Hindi, english), "\n")
	want := "hi: pkg.b has placeholders [], English has [n]\nhi: pkg.d is missing"
	if got != want {
		t.Errorf("Check = %q, want %q", got, want)
	}
	if stray := c.Stray(locale.Hindi, "pkg.", english); len(stray) != 1 || stray[0] != "pkg.old" {
		t.Errorf("Stray = %v", stray)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A translator's file makes a language, a prepared one without sentences doesn't.
func TestLangs(t *testing.T) {
	built, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"bn", "gu", "kn", "mr", "ta", "te"} {
		if _, err := os.Stat(filepath.Join("catalog", lang+".toml")); err != nil {
			t.Errorf("%s is not prepared: %v", lang, err)
		}
		if locale.Lang(lang).Name() == lang {
			t.Errorf("%s has no name of its own", lang)
		}
		if got := built.Text(locale.Lang(lang), "k", "Hello", nil); got != "Hello" && !built.Has(locale.Lang(lang), "k") {
			t.Errorf("%s says %q", lang, got)
		}
	}
	dir := t.TempDir()
	write(t, dir, "bn.toml", "[test]\nhello = \"নমস্কার\"\n")
	write(t, dir, "kok.toml", "[test]\nhello = \"नमस्कार\"\n")
	write(t, dir, "te.toml", "# nothing yet\n")
	write(t, dir, "notes.toml", "[test]\nhello = 1\n")
	c, err := locale.LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	langs := c.Langs()
	if langs[0] != locale.English || langs[1] != locale.Hindi || !slices.Contains(langs, "bn") || !slices.Contains(langs, "kok") || slices.Contains(langs, "te") {
		t.Errorf("Langs = %v", langs)
	}
	if lang, ok := c.Parse("bn_IN.UTF-8"); lang != "bn" || !ok {
		t.Errorf("Parse = %s, %t", lang, ok)
	}
	if lang, ok := c.Parse("te"); lang != locale.English || ok {
		t.Errorf("Parse of a language without sentences = %s, %t", lang, ok)
	}
	if got := c.Text("kok", "test.hello", "Hello", nil); got != "नमस्कार" {
		t.Errorf("Text = %q", got)
	}
	if got := locale.Lang("kok").Name(); got != "kok" {
		t.Errorf("Name = %q", got)
	}
	if got := (*locale.Catalogue)(nil).Langs(); !slices.Equal(got, []locale.Lang{locale.English}) {
		t.Errorf("nil catalogue: Langs = %v", got)
	}
}
