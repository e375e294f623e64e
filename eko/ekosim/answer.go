package ekosim

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// object is a JSON object in writing. Its members are shuffled on the wire: the
// documents promise no order, so no client may rely on one.
type object []member

type member struct {
	key   string
	value any
}

// loose is a number that Eko writes now as a number and now as text.
type loose string

// literal is a number written as it stands.
type literal string

// put sets a member, replacing the one of that name.
func (o object) put(key string, value any) object {
	for i := range o {
		if o[i].key == key {
			o[i].value = value
			return o
		}
	}
	return append(o, member{key, value})
}

// without leaves a member out.
func (o object) without(key string) object {
	var kept object
	for _, m := range o {
		if m.key != key {
			kept = append(kept, m)
		}
	}
	return kept
}

// member returns a member's value; nil if there is none.
func (o object) member(key string) any {
	for _, m := range o {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// inner returns the object that is a member of this one; nil if there is none.
func (o object) inner(key string) object {
	inner, _ := o.member(key).(object)
	return inner
}

// text returns a member that is text, or may be; "" if there is none.
func (o object) text(key string) string {
	switch v := o.member(key).(type) {
	case string:
		return v
	case loose:
		return string(v)
	default:
		return ""
	}
}

// envelope is what surrounds every answer (eko-api.md section 5.1). A nil data
// leaves the member out. The message says whose words these are.
func envelope(status, responseStatusID, responseTypeID int, message string, data object) object {
	o := object{
		{"status", loose(strconv.Itoa(status))},
		{"response_status_id", loose(strconv.Itoa(responseStatusID))},
		{"response_type_id", loose(strconv.Itoa(responseTypeID))},
		{"message", message + " (SIMULATED)"},
	}
	if data != nil {
		o = append(o, member{"data", data})
	}
	return o
}

// refusal is a business error without data: HTTP 200 and a status that is not 0.
func refusal(status int, message string) object {
	return envelope(status, 1, status, message, nil)
}

// encode writes the object as JSON, its chances drawn from the generator. With
// none the members keep their order, and two of one name both stand.
func (o object) encode(chance *rand.Rand) []byte {
	var b bytes.Buffer
	encodeValue(&b, o, chance)
	return b.Bytes()
}

func encodeValue(b *bytes.Buffer, value any, chance *rand.Rand) {
	switch v := value.(type) {
	case object:
		encodeObject(b, v, chance)
	case []object:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			encodeObject(b, item, chance)
		}
		b.WriteByte(']')
	case literal:
		b.WriteString(string(v))
	case loose:
		if chance == nil || chance.IntN(2) == 0 {
			b.WriteString(string(v))
			return
		}
		encodeText(b, string(v))
	case string:
		encodeText(b, v)
	case int:
		b.WriteString(strconv.Itoa(v))
	case nil:
		b.WriteString("null")
	default:
		panic("ekosim: no JSON for this type of value")
	}
}

func encodeObject(b *bytes.Buffer, o object, chance *rand.Rand) {
	if chance != nil {
		o = slices.Clone(o)
		chance.Shuffle(len(o), func(i, j int) { o[i], o[j] = o[j], o[i] })
	}
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		encodeText(b, m.key)
		b.WriteByte(':')
		encodeValue(b, m.value, chance)
	}
	b.WriteByte('}')
}

func encodeText(b *bytes.Buffer, text string) {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic("ekosim: a string that is no JSON: " + err.Error())
	}
	b.Write(quoted)
}

// ist is the zone of every time in an answer.
var ist = time.FixedZone("IST", 5*60*60+30*60)

// stamp is a time as transactions carry it (eko-api.md section 5.2).
func stamp(t time.Time) string { return t.In(ist).Format("02-01-06 15:04:05") }

// day is the calendar day by which merchants authenticate.
func day(t time.Time) string { return t.In(ist).Format(time.DateOnly) }

// mark puts the simulator's name on an answer, and its own time.
func (x *exchange) mark() {
	h := x.w.Header()
	h.Set("X-Biobridge-Simulated", "eko")
	h.Set("Date", x.s.now().Add(x.dateAhead).UTC().Format(http.TimeFormat))
}

// answer sends a JSON document as a gateway that works would.
func (x *exchange) answer(o object) {
	x.send(http.StatusOK, "application/json;charset=UTF-8", o.encode(x.chance))
}

// send sends a whole answer and notes it in the history.
func (x *exchange) send(status int, contentType string, body []byte) {
	x.mark()
	h := x.w.Header()
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	x.note(status, body)
	x.w.WriteHeader(status)
	x.w.Write(body) // the client may have left; the history knows what was meant for it
}

// refuse is a gateway's refusal: an HTTP status with a page that no program was
// meant to read, or with no body at all. Why stands in the history only.
func (x *exchange) refuse(status int, why string) {
	x.seen.Refused = why
	if x.chance.IntN(2) == 0 {
		x.send(status, "", nil)
		return
	}
	x.send(status, "text/html;charset=utf-8", htmlPage(status))
}

func htmlPage(status int) []byte {
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	return []byte("<!DOCTYPE html><html><head><title>" + title + "</title></head><body><h1>" + title +
		"</h1><hr><p>ekosim, a simulator (SIMULATED)</p></body></html>")
}
