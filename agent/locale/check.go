package locale

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Check compares a language with the English sentences of some package, given
// as key → sentence, and returns one line for each key that is missing and each
// placeholder that one side has and the other hasn't. Packages call it in a test
// with all the keys they use.
func (c *Catalogue) Check(lang Lang, english map[string]string) []string {
	var faults []string
	for _, key := range slices.Sorted(maps.Keys(english)) {
		if !c.Has(lang, key) {
			faults = append(faults, fmt.Sprintf("%s: %s is missing", lang, key))
			continue
		}
		want, got := placeholders(english[key]), placeholders(c.texts[lang][key])
		if !slices.Equal(want, got) {
			faults = append(faults, fmt.Sprintf("%s: %s has placeholders %v, English has %v", lang, key, got, want))
		}
	}
	return faults
}

// Stray lists keys of lang under prefix that english doesn't have: sentences that
// nobody says any more.
func (c *Catalogue) Stray(lang Lang, prefix string, english map[string]string) []string {
	var stray []string
	for _, key := range c.Keys(lang) {
		if _, ok := english[key]; !ok && strings.HasPrefix(key, prefix) {
			stray = append(stray, key)
		}
	}
	return stray
}

func placeholders(text string) []string {
	found := make(map[string]bool)
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			break
		}
		size := strings.IndexByte(text[open:], '}')
		if size < 0 {
			break
		}
		found[text[open+1:open+size]] = true
		text = text[open+size+1:]
	}
	return slices.Sorted(maps.Keys(found))
}
