package eko

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Exchange is one request and its answer with Aadhaar numbers, PID blocks, OTPs,
// names, mobile numbers and keys masked, as Eko's sanity test and support want
// to see them (seed: FAQ, "How can I get my live credentials?").
type Exchange struct {
	Method         string            `json:"method"`
	URL            string            `json:"url"`
	RequestHeader  map[string]string `json:"request_header"`
	RequestBody    json.RawMessage   `json:"request_body,omitempty"`
	HTTPStatus     int               `json:"http_status,omitempty"`
	ResponseHeader map[string]string `json:"response_header,omitempty"`
	ResponseBody   string            `json:"response_body,omitempty"`
}

// How much of a value is masked: all of it, or all but its last four characters.
var (
	maskedMembers = map[string]bool{
		"otp": true, "aadhar": true, "sender_name": true, "recipient_name": true,
		"name": true, "user_name": true, "narration": true, "email": true, "last_used_okekey": true,
	}
	shortenedMembers = map[string]bool{"customer_id": true, "mobile": true, "account": true}
	maskedHeaders    = map[string]bool{"secret-key": true, "request_hash": true, "Authorization": true, sealedAadhaarHeader: true}
)

const mask = "[masked]"

func newExchange(m message, r reply, a Aadhaar) *Exchange {
	x := &Exchange{
		Method:        m.method,
		URL:           m.url.Redacted(),
		RequestHeader: maskHeader(m.header),
		HTTPStatus:    r.status,
	}
	if m.body != nil {
		x.RequestBody = json.RawMessage(maskJSON(m.shown(), a))
	}
	if r.status != 0 {
		x.ResponseHeader = maskHeader(pick(r.header, "Content-Type", "Date", "Retry-After", "Server", "X-Request-Id"))
		x.ResponseBody = maskJSON(r.body, a)
	}
	return x
}

// shown is the body as JSON, a form's fields included.
func (m message) shown() []byte {
	form, err := url.ParseQuery(string(m.body))
	if m.header["Content-Type"][0] == contentJSON || err != nil {
		return m.body
	}
	fields := map[string]string{}
	for name := range form {
		fields[name] = form.Get(name)
	}
	text, err := marshal(fields)
	if err != nil {
		return []byte("null")
	}
	return text
}

func pick(h http.Header, names ...string) http.Header {
	picked := http.Header{}
	for _, name := range names {
		if v := h.Values(name); len(v) > 0 {
			picked[name] = v
		}
	}
	return picked
}

func maskHeader(h http.Header) map[string]string {
	shown := map[string]string{}
	for name, values := range h {
		value := clean(strings.Join(values, ", "), maxText)
		switch {
		case maskedHeaders[name]:
			value = mask
		case name == "developer_key":
			value = lastFour(value)
		}
		shown[name] = value
	}
	return shown
}

// maskJSON shows a document with its personal members masked. What is not JSON
// is shown only as far as it is an error page, and otherwise by its length.
func maskJSON(raw []byte, a Aadhaar) string {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err == nil {
		if shown, err := marshal(maskValue("", doc)); err == nil {
			text := unAadhaar(string(shown), a)
			if d.More() {
				text += " [more text follows]"
			}
			return text
		}
	}
	if text := bytes.TrimSpace(raw); bytes.HasPrefix(text, []byte("<")) {
		return unAadhaar(clean(string(text[:min(len(text), 2000)]), 2000), a)
	}
	return fmt.Sprintf("[%d bytes that are not JSON]", len(raw))
}

func maskValue(name string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		for member := range v {
			v[member] = maskValue(member, v[member])
		}
	case []any:
		for i := range v {
			v[i] = maskValue(name, v[i])
		}
	case string:
		switch {
		case v == "":
		case name == "piddata":
			return fmt.Sprintf("[masked: %d bytes]", len(v))
		case maskedMembers[name]:
			return mask
		case shortenedMembers[name]:
			return lastFour(v)
		}
	case json.Number:
		if maskedMembers[name] || shortenedMembers[name] {
			return mask
		}
	}
	return value
}

func lastFour(text string) string {
	if len(text) <= 4 {
		return mask
	}
	return strings.Repeat("X", len(text)-4) + text[len(text)-4:]
}

// unAadhaar masks the number itself, wherever it was echoed.
func unAadhaar(text string, a Aadhaar) string {
	if a.IsZero() {
		return text
	}
	n := a.Plain()
	for _, form := range []string{n, n[:4] + " " + n[4:8] + " " + n[8:], n[:4] + "-" + n[4:8] + "-" + n[8:]} {
		text = strings.ReplaceAll(text, form, a.masked())
	}
	return text
}

// scrub masks the number in every text that came from outside.
func (o *Outcome) scrub(a Aadhaar) {
	if a.IsZero() {
		return
	}
	texts := []*string{&o.TID, &o.BankRefNum, &o.CustomerBalance, &o.EkoMessage}
	for field := range detailFields(&o.Details) {
		texts = append(texts, field)
	}
	for i := range o.MiniStatement {
		texts = append(texts, &o.MiniStatement[i].Narration)
	}
	for _, text := range texts {
		*text = unAadhaar(*text, a)
	}
	for field, text := range o.Details.InvalidParams {
		o.Details.InvalidParams[field] = unAadhaar(text, a)
	}
}
