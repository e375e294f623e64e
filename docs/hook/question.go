package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"biobridge/eko"
)

// question is what any of the three callers asks.
type question struct {
	Action string `json:"action"`
	// Phase is biobridge's: "check" or "sign". The browsers ask once, to sign.
	Phase  string `json:"phase"`
	Detail detail `json:"detail"`
}

type detail struct {
	ClientRefID       text            `json:"client_ref_id"`
	InteractionTypeID text            `json:"interaction_type_id"`
	InteractionLabel  string          `json:"interaction_label"`
	RequestHashParams []string        `json:"request_hash_params"`
	Data              map[string]text `json:"data"`
	// Response is Eko's answer, which the gateway passes on in an eko-response.
	Response json.RawMessage `json:"response"`
}

// text is a text or a number: the seed's samples mix them.
type text string

// UnmarshalJSON takes a text, a number, a truth value or nothing.
func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	switch {
	case bytes.Equal(raw, []byte("null")):
	case raw[0] == '"':
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
	case raw[0] == '{' || raw[0] == '[':
		return errors.New("a text or a number is needed")
	default:
		s = string(raw)
	}
	*t = text(s)
	return nil
}

// maxQuestion is far beyond any question.
const maxQuestion = 64 << 10

var errQuestion = errors.New("the question can't be read")

// readQuestion reads the three shapes that the seeds' pages send: the gateway's
// and biobridge's JSON; the widget's JSON whose detail is a text with JSON in it;
// and the same as a form, which is what the seed's own script really sends under
// the label of JSON.
func readQuestion(r *http.Request) (question, error) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxQuestion+1))
	if err != nil || len(raw) > maxQuestion {
		return question{}, errQuestion
	}
	raw = bytes.TrimSpace(raw)
	if !bytes.HasPrefix(raw, []byte("{")) {
		form, err := url.ParseQuery(string(raw))
		if err != nil || form.Get("detail") == "" {
			return question{}, errQuestion
		}
		return detailText(question{Action: "debit-hook"}, form.Get("detail"))
	}
	var outer struct {
		Action string          `json:"action"`
		Phase  string          `json:"phase"`
		Detail json.RawMessage `json:"detail"`
	}
	if err := decode(raw, &outer); err != nil {
		return question{}, errQuestion
	}
	q := question{Action: outer.Action, Phase: outer.Phase}
	if q.Action == "" {
		q.Action = "debit-hook" // the widget's page names none
	}
	var inner string
	if json.Unmarshal(outer.Detail, &inner) != nil {
		inner = string(outer.Detail)
	}
	return detailText(q, inner)
}

func detailText(q question, inner string) (question, error) {
	if err := decode([]byte(inner), &q.Detail); err != nil {
		return question{}, errQuestion
	}
	return q, nil
}

// decode takes exactly one document.
func decode(raw []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(to); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errQuestion
	}
	return nil
}

// forms are what each value must look like before it is signed: all of them
// follow each other without a separator, so a longer mobile number could
// otherwise pass for an Aadhaar number with an amount behind it.
var forms = map[string]*regexp.Regexp{
	"customer_id":      regexp.MustCompile(`^[0-9]{10}$`),
	"recipient_id":     regexp.MustCompile(`^[0-9]{1,12}$`),
	"amount":           regexp.MustCompile(`^(0|[1-9][0-9]{0,6})(\.[0-9]{1,2})?$`),
	"user_code":        regexp.MustCompile(`^[0-9A-Za-z]{1,20}$`),
	"utility_acc_no":   regexp.MustCompile(`^[0-9A-Za-z]{1,30}$`),
	"aadhar_encrypted": regexp.MustCompile(`^[A-Za-z0-9+/]{100,400}={0,2}$`),
}

func (d detail) value(name string) (string, bool) {
	value := strings.TrimSpace(string(d.Data[name]))
	form := forms[name]
	return value, form != nil && form.MatchString(value)
}

// onlyAsks reports whether biobridge wants to ask Eko something: what became of
// a transaction, or anything else that moves no money.
func (q question) onlyAsks() bool {
	service := eko.Service(q.Detail.Data["service"])
	return q.Phase == "sign" && (service == eko.TransactionInquiry || service == eko.Query)
}

// content is a digest of what is asked for. The sealed and the encrypted number
// differ each time and are left out; the last four digits stand for them.
func (q question) content() [32]byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q %q %q", q.Phase, q.Detail.ClientRefID, q.Detail.InteractionTypeID, q.Detail.RequestHashParams)
	for _, name := range slices.Sorted(maps.Keys(q.Detail.Data)) {
		if name != "aadhaar_sealed" && name != "aadhar_encrypted" {
			fmt.Fprintf(&b, " %q=%q", name, q.Detail.Data[name])
		}
	}
	return sha256.Sum256([]byte(b.String()))
}
