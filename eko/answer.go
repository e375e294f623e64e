package eko

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// ErrAnswer says that what came back is not one of Eko's answers; the error
// around it says which rule it breaks and never what it holds.
var ErrAnswer = errors.New("answer can't be used")

// object is a JSON object read strictly: every name once.
type object map[string]any

// maxDepth is far beyond any answer of Eko's; deeper nesting is not an answer.
const maxDepth = 16

// readObject reads exactly one JSON object. A second document, a name that
// stands twice in one object at any depth, or text after the end is an error:
// two readers could see two different answers in it.
func readObject(raw []byte) (object, error) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0:
		return nil, fmt.Errorf("%w: it is empty", ErrAnswer)
	case raw[0] == '<':
		return nil, fmt.Errorf("%w: it is HTML or XML, not JSON", ErrAnswer)
	case raw[0] != '{':
		return nil, fmt.Errorf("%w: it is not a JSON object", ErrAnswer)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	value, err := readValue(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: more text follows the first document", ErrAnswer)
	}
	return value.(object), nil // the first byte is a brace
}

func readValue(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("%w: it is cut short or not JSON", ErrAnswer)
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("%w: it is nested deeper than %d levels", ErrAnswer, maxDepth)
	}
	switch token {
	case json.Delim('{'):
		return readMembers(d, depth)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			value, err := readValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, closing(d)
	}
	return token, nil
}

func readMembers(d *json.Decoder, depth int) (any, error) {
	o := object{}
	for d.More() {
		token, err := d.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, fmt.Errorf("%w: it is cut short or not JSON", ErrAnswer)
		}
		if _, twice := o[name]; twice {
			return nil, fmt.Errorf("%w: a name stands twice in one object", ErrAnswer)
		}
		if o[name], err = readValue(d, depth+1); err != nil {
			return nil, err
		}
	}
	return o, closing(d)
}

func closing(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("%w: it is cut short or not JSON", ErrAnswer)
	}
	return nil
}

// text is a member as text, with the blanks at its ends taken off: Eko mixes
// strings and numbers. Anything but those two is empty.
func (o object) text(name string) string {
	switch v := o[name].(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	}
	return ""
}

// code is one of Eko's whole-number codes as it was found. The zero value is
// one that is absent; null counts as absent.
type code struct {
	present bool // with a value
	empty   bool // "": present without one
	garbled bool // present and not a whole number
	n       int64
}

// code reads a member: 0 and "0" are the same value (eko-api.md section 5.2, and
// the numbers of the inquiry in section 7).
func (o object) code(name string) code {
	var text string
	switch v := o[name].(type) {
	case nil:
		return code{}
	case string:
		text = strings.TrimSpace(v)
	case json.Number:
		text = v.String()
	default:
		return code{garbled: true}
	}
	if text == "" {
		return code{empty: true}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text {
		return code{garbled: true}
	}
	return code{present: true, n: n}
}

func (c code) is(n int64) bool { return c.present && c.n == n }

func (c code) in(set ...int64) bool { return c.present && slices.Contains(set, c.n) }

func (c code) pointer() *int64 {
	if !c.present {
		return nil
	}
	return &c.n
}

// answer is Eko's envelope (eko-api.md section 5.1).
type answer struct {
	status, rsid, typ, tx code
	message               string
	doc, data             object
	garbled               bool
}

// readAnswer reads a body. It fails only where the body is not one JSON object.
func readAnswer(body []byte) (answer, error) {
	doc, err := readObject(body)
	if err != nil {
		return answer{}, err
	}
	a := answer{
		doc:     doc,
		status:  doc.code("status"),
		rsid:    doc.code("response_status_id"),
		typ:     doc.code("response_type_id"),
		message: doc.text("message"),
		data:    object{},
	}
	switch data := doc["data"].(type) {
	case object:
		a.data = data
	case nil:
	case string:
		a.garbled = data != ""
	default:
		a.garbled = true
	}
	a.tx = a.data.code("tx_status")
	if outer := doc.code("tx_status"); outer != (code{}) && outer != a.tx {
		// No document of Eko's has it there. Beside another one it contradicts it.
		a.garbled = true
	}
	a.garbled = a.garbled || a.status.garbled || a.rsid.garbled || a.typ.garbled || a.tx.garbled
	return a, nil
}

// member looks in data first, then beside it.
func (a answer) member(name string) string {
	if text := a.data.text(name); text != "" {
		return text
	}
	return a.doc.text(name)
}

// invalidParams is the object of Eko's validation failures: its prose spells it
// one way, its samples the other (eko-api.md section 5.1).
func (a answer) invalidParams() map[string]string {
	found := map[string]string{}
	for _, name := range []string{"invalid_params", "invalid_parameters"} {
		for _, in := range []object{a.doc, a.data} {
			if o, ok := in[name].(object); ok {
				for field := range maps.Keys(o) {
					found[sentence(field)] = sentence(o.text(field))
				}
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	return found
}

// maxText bounds what is kept of a text of Eko's.
const maxText = 500

// clean makes a foreign text safe to show: no control characters, bounded.
func clean(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit])
	}
	return strings.TrimSpace(text)
}
