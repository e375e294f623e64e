package wsapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what a frame's JSON may look like. They are far beyond anything the
// protocol has.
const (
	maxDepth   = 8
	maxMembers = 64
	maxName    = 64
)

// faultKind says what is wrong with a member.
type faultKind string

const (
	unknownField faultKind = "unknown_field"
	missingField faultKind = "missing_field"
	wrongType    faultKind = "wrong_type"
	tooLong      faultKind = "too_long"
	outOfRange   faultKind = "out_of_range"
	wrongValue   faultKind = "wrong_value"
)

// fieldError names a member and what is wrong with it, never its value.
type fieldError struct {
	Field string
	Kind  faultKind
	// Want is the stem in wants of what should stand there, Args what fills it.
	Want string
	Args map[string]string
}

func (e *fieldError) Error() string { return string(e.Kind) + ": " + e.Field }

// object reads the members of one JSON object strictly: exact names, exact
// types, each once, none left over. The first thing wrong is kept in err and
// every later read returns zero, so that a caller reads all and asks once.
type object struct {
	members map[string]json.RawMessage
	err     *fieldError
}

// readObject takes an object apart whose form [scan] has already proved. Nothing
// counts as an empty object.
func readObject(raw json.RawMessage) *object {
	o := &object{}
	if len(raw) == 0 {
		return o
	}
	if err := json.Unmarshal(raw, &o.members); err != nil {
		o.fail("params", wrongType, "object")
	}
	return o
}

func (o *object) fail(field string, kind faultKind, want string, args ...string) {
	if o.err != nil {
		return
	}
	o.err = &fieldError{Field: field, Kind: kind, Want: want, Args: make(map[string]string)}
	for i := 0; i+1 < len(args); i += 2 {
		o.err.Args[args[i]] = args[i+1]
	}
}

// take removes a member. A null counts as absent, as it does for a page that
// sends an optional value it hasn't got.
func (o *object) take(name string) (json.RawMessage, bool) {
	raw, ok := o.members[name]
	delete(o.members, name)
	if !ok || string(raw) == "null" {
		return nil, false
	}
	return raw, true
}

func (o *object) require(name, want string) (json.RawMessage, bool) {
	raw, ok := o.take(name)
	if !ok {
		o.fail(name, missingField, want)
	}
	return raw, ok
}

// text reads an optional text of at most limit characters without control
// characters.
func (o *object) text(name string, limit int) string {
	raw, ok := o.take(name)
	if !ok {
		return ""
	}
	return o.decodeText(name, raw, limit)
}

// needText is text for a member that must be there and not be empty.
func (o *object) needText(name string, limit int) string {
	raw, ok := o.require(name, "text")
	if !ok {
		return ""
	}
	text := o.decodeText(name, raw, limit)
	if text == "" {
		o.fail(name, missingField, "text")
	}
	return text
}

func (o *object) decodeText(name string, raw json.RawMessage, limit int) string {
	var text string
	if raw[0] != '"' || json.Unmarshal(raw, &text) != nil {
		o.fail(name, wrongType, "text")
		return ""
	}
	if utf8.RuneCountInString(text) > limit {
		o.fail(name, tooLong, "longest", "limit", strconv.Itoa(limit))
		return ""
	}
	for _, r := range text {
		if unicode.IsControl(r) || r == utf8.RuneError {
			o.fail(name, wrongValue, "readable")
			return ""
		}
	}
	return text
}

// choice reads an optional text that must be one of a few.
func (o *object) choice(name string, choices ...string) string {
	text := o.text(name, maxName)
	if text == "" {
		return ""
	}
	if slices.Contains(choices, text) {
		return text
	}
	o.fail(name, wrongValue, "choice", "choices", strings.Join(choices, ", "))
	return ""
}

// flag reads an optional true or false.
func (o *object) flag(name string) bool {
	raw, ok := o.take(name)
	if !ok {
		return false
	}
	switch string(raw) {
	case "true":
		return true
	case "false":
		return false
	}
	o.fail(name, wrongType, "flag")
	return false
}

// whole reads an optional JSON integer from low to high: no fraction, no
// exponent, no text, so that nobody's rounding decides about money.
func (o *object) whole(name string, low, high int64) (int64, bool) {
	raw, ok := o.take(name)
	if !ok {
		return 0, false
	}
	args := []string{"low", strconv.FormatInt(low, 10), "high", strconv.FormatInt(high, 10)}
	for i, b := range raw {
		if (b < '0' || b > '9') && !(i == 0 && b == '-') {
			o.fail(name, wrongType, "whole", args...)
			return 0, false
		}
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < low || n > high {
		o.fail(name, outOfRange, "whole", args...)
		return 0, false
	}
	return n, true
}

// sub reads an optional object within this one; its faults are this one's, with
// the outer name before them.
func (o *object) sub(name string, read func(*object)) bool {
	raw, ok := o.take(name)
	if !ok {
		return false
	}
	if raw[0] != '{' {
		o.fail(name, wrongType, "object")
		return false
	}
	inner := readObject(raw)
	read(inner)
	if err := inner.end(); err != nil {
		err.Field = name + "." + err.Field
		if o.err == nil {
			o.err = err
		}
	}
	return true
}

// end reports what is wrong: the first fault found, else a member that nobody
// read.
func (o *object) end() *fieldError {
	if o.err != nil {
		return o.err
	}
	for name := range o.members {
		if o.err == nil || name < o.err.Field {
			o.err = &fieldError{Field: name, Kind: unknownField}
		}
	}
	if o.err != nil {
		o.err.Field = safeName(o.err.Field)
	}
	return o.err
}

// safeName is a member's name as it may be repeated. A page that puts a secret
// where a name belongs, by mistake, doesn't get it back or into a log.
func safeName(name string) string {
	if len(name) > maxName {
		return "a very long name"
	}
	digits := 0
	for _, r := range name {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_', r == '-', r == '.', r == '$', r == '/':
		default:
			return "a name with unusual characters"
		}
	}
	if digits >= 4 {
		return "a name made of digits"
	}
	return name
}

var (
	errNotJSON   = errors.New("not one JSON value")
	errTooDeep   = errors.New("nested too deeply")
	errTooMany   = errors.New("too many members")
	errDuplicate = errors.New("a member stands there twice")
)

// scan proves that data is exactly one JSON value, not nested too deeply and
// with no member twice, which encoding/json alone would let pass (the last one
// wins). For a doubled member it returns the name as well.
func scan(data []byte) (name string, err error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if name, err := scanValue(decoder, 0); err != nil {
		return name, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return "", errNotJSON
	}
	return "", nil
}

func scanValue(decoder *json.Decoder, depth int) (string, error) {
	token, err := decoder.Token()
	if err != nil {
		return "", errNotJSON
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return "", nil
	}
	if depth == maxDepth {
		return "", errTooDeep
	}
	seen := make(map[string]bool)
	for count := 0; decoder.More(); count++ {
		if count == maxMembers {
			return "", errTooMany
		}
		if delim == '{' {
			key, err := decoder.Token()
			if err != nil {
				return "", errNotJSON
			}
			name, _ := key.(string)
			if seen[name] {
				return safeName(name), errDuplicate
			}
			seen[name] = true
		}
		if name, err := scanValue(decoder, depth+1); err != nil {
			return name, err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return "", errNotJSON
	}
	return "", nil
}
