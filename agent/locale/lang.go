package locale

import "strings"

// Lang is a language that biobridge speaks, as in "hello".locale of the
// WebSocket API.
type Lang string

// The languages that are spoken throughout. English is the one that is always
// complete.
const (
	English Lang = "en"
	Hindi   Lang = "hi"
)

// Langs lists the languages that are spoken throughout. Others have a prepared
// catalogue that a translator can fill: see [Catalogue.Langs].
func Langs() []Lang { return []Lang{English, Hindi} }

// names are what people call their own language.
var names = map[Lang]string{
	English: "English",
	Hindi:   "हिन्दी",
	"bn":    "বাংলা",
	"gu":    "ગુજરાતી",
	"kn":    "ಕನ್ನಡ",
	"mr":    "मराठी",
	"ta":    "தமிழ்",
	"te":    "తెలుగు",
}

// Name is the language's own name for itself, or its tag where we don't know it.
func (l Lang) Name() string {
	if name, ok := names[l]; ok {
		return name
	}
	return string(l)
}

// Parse finds the language of a tag as browsers and systems write it: "hi",
// "hi-IN", "hi_IN.UTF-8". It returns English and false for one that isn't
// spoken throughout.
func Parse(tag string) (Lang, bool) { return find(tag, Langs()) }

// find picks the language of a tag out of a list.
func find(tag string, from []Lang) (Lang, bool) {
	primary, _, _ := strings.Cut(strings.TrimSpace(tag), "-")
	primary, _, _ = strings.Cut(primary, "_")
	primary, _, _ = strings.Cut(primary, ".")
	for _, lang := range from {
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
