package eko

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
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

func newExchange(m message, r reply, n numbers) *Exchange {
	x := &Exchange{
		Method:        m.method,
		URL:           maskURL(m.url, n),
		RequestHeader: maskHeader(m.header, numbers{}),
		HTTPStatus:    r.status,
	}
	if m.body != nil {
		x.RequestBody = json.RawMessage(maskJSON(m.shown(), n))
	}
	if r.status != 0 {
		x.ResponseHeader = maskHeader(pick(r.header, "Content-Type", "Date", "Retry-After", "Server", "X-Request-Id"), n)
		x.ResponseBody = maskJSON(r.body, n)
	}
	return x
}

// maskURL shortens the customer's mobile number, which ends v3's addresses
// (eko-api.md section 4.3).
func maskURL(u *url.URL, n numbers) string {
	shown := *u
	steps := strings.Split(shown.Path, "/")
	for i, step := range steps {
		if step != "" && step == n.mobile {
			steps[i] = lastFour(step)
		}
	}
	shown.Path = strings.Join(steps, "/")
	return n.hide(shown.Redacted())
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

// maskHeader shows header lines. Ours hold no number of a person's; Eko's may say
// one back.
func maskHeader(h http.Header, n numbers) map[string]string {
	shown := map[string]string{}
	for name, values := range h {
		value := clean(hideAadhaar(n.hide(clean(strings.Join(values, ", "), maxHeader))), maxText)
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
func maskJSON(raw []byte, n numbers) string {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err == nil {
		if shown, err := marshal(n.maskValue("", doc)); err == nil {
			text := n.hide(string(shown)) // in a member's name, too
			if d.More() {
				text += " [more text follows]"
			}
			return text
		}
	}
	if text := bytes.TrimSpace(raw); bytes.HasPrefix(text, []byte("<")) {
		return clean(hideAadhaar(n.hide(clean(string(text), maxBody))), 2000)
	}
	return fmt.Sprintf("[%d bytes that are not JSON]", len(raw))
}

func (n numbers) maskValue(name string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		shown := make(map[string]any, len(v))
		for member := range v {
			shown[hideAadhaar(member)] = n.maskValue(member, v[member])
		}
		return shown
	case []any:
		for i := range v {
			v[i] = n.maskValue(name, v[i])
		}
	case string:
		return n.maskText(name, v)
	case json.Number:
		if maskedMembers[name] || shortenedMembers[name] || n.hide(v.String()) != v.String() {
			return mask
		}
	}
	return value
}

func (n numbers) maskText(name, text string) string {
	switch {
	case text == "":
	case name == "piddata":
		return fmt.Sprintf("[masked: %d bytes]", len(text))
	case maskedMembers[name]:
		return mask
	case shortenedMembers[name]:
		return lastFour(text)
	case noDigit.MatchString(text):
		// A text of digits alone may be a bank's reference.
		return n.hide(hideAadhaar(text))
	}
	return n.hide(text)
}

func lastFour(text string) string {
	if len(text) <= 4 {
		return mask
	}
	return strings.Repeat("X", len(text)-4) + text[len(text)-4:]
}

// scrub masks the person's numbers in what came from outside: the Aadhaar number
// everywhere, the mobile number in sentences. A reference that holds a mobile
// number must go back to Eko as it is.
func (o *Outcome) scrub(n numbers) {
	texts := []*string{&o.TID, &o.BankRefNum, &o.CustomerBalance, &o.Details.ClientRefID}
	for field := range detailFields(&o.Details) {
		texts = append(texts, field)
	}
	numbers{aadhaar: n.aadhaar}.hideAll(texts)
	sentences := []*string{&o.EkoMessage, &o.Details.Reason, &o.Details.Comment, &o.Details.TxStatusText}
	for i := range o.MiniStatement {
		sentences = append(sentences, &o.MiniStatement[i].Narration)
	}
	n.hideAll(sentences)
	params := o.Details.InvalidParams
	for field, text := range maps.Clone(params) {
		delete(params, field)
		params[n.hide(field)] = n.hide(text)
	}
}
