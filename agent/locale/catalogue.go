package locale

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

//go:embed catalog/*.toml
var embedded embed.FS

// Catalogue is the sentences of every language. A nil *Catalogue speaks English
// only. It is safe for concurrent use.
type Catalogue struct {
	texts map[Lang]map[string]string
}

// Load reads the catalogues that were built in.
func Load() (*Catalogue, error) {
	files, err := fs.Sub(embedded, "catalog")
	if err != nil {
		return nil, fmt.Errorf("open built-in catalogues: %w", err)
	}
	c := &Catalogue{texts: make(map[Lang]map[string]string)}
	if err := c.read(files); err != nil {
		return nil, fmt.Errorf("read built-in catalogues: %w", err)
	}
	return c, nil
}

// LoadDir is [Load] with the files <lang>.toml of dir laid over what is built
// in, key by key. A language without a file there stays as built in.
func LoadDir(dir string) (*Catalogue, error) {
	c, err := Load()
	if err != nil {
		return nil, err
	}
	if err := c.read(os.DirFS(dir)); err != nil {
		return nil, fmt.Errorf("read catalogues in %s: %w", dir, err)
	}
	return c, nil
}

// A catalogue's name is its language's tag of ISO 639.
var catalogueName = regexp.MustCompile(`^([a-z]{2,3})\.toml$`)

// read lays every catalogue of a directory over what is there; other files are
// left alone.
func (c *Catalogue) read(files fs.FS) error {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := catalogueName.FindStringSubmatch(entry.Name())
		if name == nil {
			continue
		}
		raw, err := fs.ReadFile(files, entry.Name())
		if err != nil {
			return err
		}
		texts, err := parse(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", entry.Name(), err)
		}
		lang := Lang(name[1])
		if c.texts[lang] == nil {
			c.texts[lang] = make(map[string]string)
		}
		maps.Copy(c.texts[lang], texts)
	}
	return nil
}

// Langs lists the languages that have at least one sentence: English and Hindi
// first, then those that translators have begun.
func (c *Catalogue) Langs() []Lang {
	list := []Lang{English}
	if c == nil {
		return list
	}
	if len(c.texts[Hindi]) > 0 {
		list = append(list, Hindi)
	}
	for _, lang := range slices.Sorted(maps.Keys(c.texts)) {
		if len(c.texts[lang]) > 0 && lang != English && lang != Hindi {
			list = append(list, lang)
		}
	}
	return list
}

// Parse is [Parse] for every language of [Catalogue.Langs].
func (c *Catalogue) Parse(tag string) (Lang, bool) { return find(tag, c.Langs()) }

func parse(raw []byte) (map[string]string, error) {
	var tree map[string]any
	if err := toml.Unmarshal(raw, &tree); err != nil {
		if bad, ok := errors.AsType[*toml.DecodeError](err); ok {
			line, column := bad.Position()
			return nil, fmt.Errorf("line %d column %d: %w", line, column, err)
		}
		return nil, err
	}
	texts := make(map[string]string)
	if err := flatten(texts, "", tree); err != nil {
		return nil, err
	}
	return texts, nil
}

func flatten(into map[string]string, prefix string, tree map[string]any) error {
	for name, value := range tree {
		key := prefix + name
		switch value := value.(type) {
		case string:
			if strings.TrimSpace(value) == "" {
				return fmt.Errorf("%s is empty: leave it out to fall back to English", key)
			}
			into[key] = value
		case map[string]any:
			if err := flatten(into, key+".", value); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s is not a text", key)
		}
	}
	return nil
}

// Text returns the sentence under key in lang, or english where there is none,
// with each {name} replaced by args[name].
func (c *Catalogue) Text(lang Lang, key, english string, args map[string]string) string {
	text := english
	if c != nil {
		if own, ok := c.texts[lang][key]; ok {
			text = own
		}
	}
	return fill(text, args)
}

// Has reports whether lang has its own sentence under key.
func (c *Catalogue) Has(lang Lang, key string) bool {
	if c == nil {
		return false
	}
	_, ok := c.texts[lang][key]
	return ok
}

// Keys lists what lang has, sorted.
func (c *Catalogue) Keys(lang Lang) []string {
	if c == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(c.texts[lang]))
}

// fill replaces each {name} once; a value that itself looks like a placeholder
// is not filled again.
func fill(text string, args map[string]string) string {
	if len(args) == 0 || !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			break
		}
		size := strings.IndexByte(text[open:], '}')
		if size < 0 {
			break
		}
		value, ok := args[text[open+1:open+size]]
		if !ok {
			value = text[open : open+size+1]
		}
		b.WriteString(text[:open])
		b.WriteString(value)
		text = text[open+size+1:]
	}
	b.WriteString(text)
	return b.String()
}
