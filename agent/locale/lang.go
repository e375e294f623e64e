package locale

import "strings"

// Lang is a language that biobridge speaks, as in "hello".locale of the
// WebSocket API.
type Lang string

// The languages. English is the one that is always complete.
const (
	English Lang = "en"
	Hindi   Lang = "hi"
)

// Langs lists every language once.
func Langs() []Lang { return []Lang{English, Hindi} }

// Parse finds the language of a tag as browsers and systems write it: "hi",
// "hi-IN", "hi_IN.UTF-8". It returns English and false for one it doesn't know.
func Parse(tag string) (Lang, bool) {
	primary, _, _ := strings.Cut(strings.TrimSpace(tag), "-")
	primary, _, _ = strings.Cut(primary, "_")
	primary, _, _ = strings.Cut(primary, ".")
	for _, lang := range Langs() {
		if strings.EqualFold(primary, string(lang)) {
			return lang, true
		}
	}
	return English, false
}

// Accepted picks the first language we have from an Accept-Language header.
// The order of the header counts; weights don't, because browsers send them in
// falling order.
func Accepted(header string) Lang {
	const enough = 16 // browsers send a handful
	for i, part := range strings.Split(header, ",") {
		if i == enough {
			break
		}
		tag, _, _ := strings.Cut(part, ";")
		if lang, ok := Parse(tag); ok {
			return lang
		}
	}
	return English
}
