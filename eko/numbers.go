package eko

import (
	"regexp"
	"strings"
)

// numbers are those of the person whom a request is about. No text from outside
// is shown, stored or passed on before they have been taken out of it.
type numbers struct {
	aadhaar Aadhaar
	mobile  string
}

func (r SignRequest) numbers() numbers { return numbers{r.Aadhaar, r.CustomerID} }

// gap is what people and machines write between the digits of one number.
const gap = `[\s\p{Z}\p{Pd}]{0,2}`

// shortMobile is the length below which a customer_id is no mobile number, and
// its digits stand in many a text.
const shortMobile = 8

// hide masks both numbers, however their digits are parted.
func (n numbers) hide(text string) string {
	n.hideAll([]*string{&text})
	return text
}

func (n numbers) hideAll(texts []*string) {
	for _, number := range []string{n.aadhaar.Plain(), n.mobile} {
		if len(number) < shortMobile {
			continue
		}
		var form *regexp.Regexp // making it takes long, and texts rarely need it
		for _, text := range texts {
			if !strings.Contains(noWord.ReplaceAllString(*text, ""), number) {
				continue
			}
			if form == nil {
				// Letters and digits, nothing that a pattern would read otherwise.
				form = regexp.MustCompile(strings.Join(strings.Split(number, ""), gap))
			}
			*text = form.ReplaceAllLiteralString(*text, lastFour(number))
		}
	}
}

var (
	// twelveDigits look like an Aadhaar number, in groups of four or not.
	twelveDigits = regexp.MustCompile(`[0-9]{4}` + gap + `[0-9]{4}` + gap + `[0-9]{4}`)
	// groupsOfFour may hold one.
	groupsOfFour = regexp.MustCompile(`[0-9]{4}(` + gap + `[0-9]{4}){2,}`)
	noDigit      = regexp.MustCompile(`[^0-9]+`)
	noWord       = regexp.MustCompile(`[^0-9A-Za-z]+`)
)

// hideLikely masks everything that could be an Aadhaar number: for texts in
// which no other long number has a place.
func hideLikely(text string) string {
	return hideGroups(text, groupsOfFour, func(string) bool { return true })
}

// hideAadhaar masks every Aadhaar number, known by its check digit: for texts in
// which a bank's reference, which has twelve digits too, may stand.
func hideAadhaar(text string) string { return hideGroups(text, twelveDigits, verhoeff) }

// hideGroups masks what the form finds, but for its last four digits, if no
// further digit stands beside it.
func hideGroups(text string, form *regexp.Regexp, is func(digits string) bool) string {
	var b strings.Builder
	for {
		at := form.FindStringIndex(text)
		if at == nil {
			b.WriteString(text)
			return b.String()
		}
		begin, end := at[0], at[1]
		digits := noDigit.ReplaceAllString(text[begin:end], "")
		if digitAt(text, begin-1) || digitAt(text, end) || !is(digits) {
			end = begin
			for digitAt(text, end) {
				end++
			}
			b.WriteString(text[:end])
		} else {
			b.WriteString(text[:begin] + lastFour(digits))
		}
		text = text[end:]
	}
}

func digitAt(text string, i int) bool {
	return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9'
}

// maxRefusal bounds what is kept of a partner's sentence.
const maxRefusal = 300

// refusal makes a partner's no fit to be shown and stored.
func (n numbers) refusal(err error) error {
	refused, ok := asHookRefusal(err)
	if !ok {
		return err
	}
	// Shortened last, so that no number is cut in two.
	message := clean(hideLikely(n.hide(clean(refused.Message, maxHookBody))), maxRefusal)
	if message == refused.Message {
		return err
	}
	return &HookRefusal{Message: message}
}
