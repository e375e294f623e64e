package eko

import (
	"encoding/json"
	"fmt"
	"strings"
)

// hookAnswer is a partner's yes.
type hookAnswer struct {
	signature   Signature
	clientRefID string
}

// The spellings of an answer's members: the gateway's first, then the seed's
// widget in camel case, then the remaining mixtures of the two.
var (
	hookAllow     = []string{"allow", "continue", "go"}
	hookSecretKey = []string{"secret_key", "secretKey", "secret-key"}
	hookTimestamp = []string{"secret_key_timestamp", "secretKeyTimestamp", "secret-key-timestamp"}
	hookHash      = []string{"request_hash", "requestHash"}
	hookReference = []string{"client_ref_id", "clientRefId"}
)

// readHookAnswer takes the shapes of the gateway and of the seed's widget. Only
// an answer that says true, once and under HTTP 200, is a yes. A reference is
// read only where the partner may name his own. The caller masks a refusal.
func readHookAnswer(phase string, r reply, named bool) (hookAnswer, error) {
	if len(r.body) > maxHookBody {
		return hookAnswer{}, fmt.Errorf("%w: it is longer than 64 KiB", ErrHook)
	}
	doc, err := readObject(r.body)
	if err != nil {
		return hookAnswer{}, fmt.Errorf("%w: HTTP %d: %w", ErrHook, r.status, err)
	}
	allowed, err := doc.decision()
	if err != nil {
		return hookAnswer{}, err
	}
	if !allowed {
		return hookAnswer{}, &HookRefusal{Message: doc.text("message")}
	}
	if r.status != 200 {
		return hookAnswer{}, fmt.Errorf("%w: it says yes under HTTP %d", ErrHook, r.status)
	}
	var a hookAnswer
	type field struct {
		to    *string
		names []string
	}
	fields := []field{
		{&a.signature.SecretKey, hookSecretKey},
		{&a.signature.Timestamp, hookTimestamp},
		{&a.signature.RequestHash, hookHash},
	}
	if named {
		fields = append(fields, field{&a.clientRefID, hookReference})
	}
	for _, f := range fields {
		if *f.to, err = doc.oneOf(f.names); err != nil {
			return hookAnswer{}, err
		}
	}
	if phase == "check" {
		a.signature = Signature{}
	}
	if a.clientRefID != "" && !referenceText.MatchString(a.clientRefID) {
		return hookAnswer{}, fmt.Errorf("%w: its client_ref_id can't be used", ErrHook)
	}
	return a, nil
}

const maxHookBody = 64 << 10

// decision reads the yes or no. Two that differ are no decision.
func (o object) decision() (bool, error) {
	var found, yes bool
	for _, name := range hookAllow {
		value, there := o[name]
		if !there {
			continue
		}
		said, isBool := value.(bool)
		if !isBool || (found && said != yes) {
			return false, fmt.Errorf("%w: it says neither yes nor no", ErrHook)
		}
		found, yes = true, said
	}
	if !found {
		return false, fmt.Errorf("%w: it says neither yes nor no", ErrHook)
	}
	return yes, nil
}

// oneOf reads a member under any of its spellings, text or number.
func (o object) oneOf(names []string) (string, error) {
	found := ""
	for _, name := range names {
		switch o[name].(type) {
		case nil:
			continue
		case string, json.Number:
		default:
			return "", fmt.Errorf("%w: %s is neither text nor number", ErrHook, names[0])
		}
		text := wholeText(o.text(name))
		if found != "" && text != "" && text != found {
			return "", fmt.Errorf("%w: %s stands there twice and differs", ErrHook, names[0])
		}
		if text != "" {
			found = text
		}
	}
	return found, nil
}

// wholeText takes the ".0" off that PHP's json_encode may put behind the seed's
// rounded timestamp.
func wholeText(text string) string {
	if digits, ok := strings.CutSuffix(text, ".0"); ok && numberText.MatchString(digits) {
		return digits
	}
	return text
}
