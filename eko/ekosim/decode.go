package ekosim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
)

// value is a member of a request as it came.
type value struct {
	text string
	kind valueKind
}

type valueKind int

const (
	kindText   valueKind = iota + 1
	kindNumber           // a JSON number, as written
	kindOther            // any other JSON: true, null, objects, arrays
	kindForm             // from a form or a query
)

// maxBody is what a request may weigh; a PidData document is 17 kB at most.
const maxBody = 1 << 20

var (
	errTooLarge    = errors.New("the body is larger than 1 MiB")
	errContentType = errors.New("the Content-Type is not one of this operation")
)

// readBody reads the body as the Content-Type says and leaves a masked copy for
// the history. It returns errTooLarge, errContentType, or that it is malformed.
func (x *exchange) readBody() (map[string]value, error) {
	body, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxBody))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, errTooLarge
		}
		return nil, fmt.Errorf("read the body: %w", err)
	}
	kind, params, err := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if err != nil || !x.route.takes(kind) {
		return nil, errContentType
	}
	switch kind {
	case contentJSON:
		values, masked, err := decodeObject(body)
		x.seen.Body = masked
		if err != nil {
			x.seen.Body = fmt.Sprintf("<%d bytes that are not one JSON object>", len(body))
		}
		return values, err
	case contentForm:
		values, err := decodeForm(string(body))
		x.seen.Body = maskedForm(values)
		return values, err
	default:
		values, err := decodeMultipart(body, params["boundary"])
		x.seen.Body = maskedForm(values)
		return values, err
	}
}

// decodeObject reads one flat JSON object and nothing behind it. A key may stand
// once only: what two readers may understand in two ways is no request for money.
func decodeObject(body []byte) (values map[string]value, masked string, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return nil, "", errors.New("the body is not a JSON object")
	}
	values = map[string]value{}
	var shown bytes.Buffer
	shown.WriteByte('{')
	for d.More() {
		token, err := d.Token()
		name, isText := token.(string)
		if err != nil || !isText {
			return nil, "", errors.New("the body is not a JSON object")
		}
		if _, twice := values[name]; twice {
			return nil, "", fmt.Errorf("the key %q stands twice", name)
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, "", errors.New("the body is not a JSON object")
		}
		v := decodeValue(raw)
		values[name] = v
		showMember(&shown, name, v)
	}
	if _, err := d.Token(); err != nil {
		return nil, "", errors.New("the body's object does not end")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, "", errors.New("there is something behind the body's object")
	}
	shown.WriteByte('}')
	return values, shown.String(), nil
}

func decodeValue(raw json.RawMessage) value {
	var text string
	if json.Unmarshal(raw, &text) == nil && raw[0] == '"' {
		return value{text, kindText}
	}
	if c := raw[0]; c == '-' || c >= '0' && c <= '9' {
		return value{string(raw), kindNumber}
	}
	return value{string(raw), kindOther}
}

func showMember(b *bytes.Buffer, name string, v value) {
	if b.Len() > 1 {
		b.WriteByte(',')
	}
	encodeText(b, name)
	b.WriteByte(':')
	if v.kind == kindText {
		encodeText(b, maskedValue(name, v.text))
		return
	}
	b.WriteString(maskedValue(name, v.text))
}

func decodeForm(text string) (map[string]value, error) {
	form, err := url.ParseQuery(text)
	if err != nil {
		return nil, errors.New("the form is malformed")
	}
	values := map[string]value{}
	for name, texts := range form {
		if len(texts) > 1 {
			return nil, fmt.Errorf("the field %q stands twice", name)
		}
		values[name] = value{texts[0], kindForm}
	}
	return values, nil
}

// decodeMultipart reads form-data. v3's activation sends one JSON part named
// form-data beside its files; its members count as fields.
func decodeMultipart(body []byte, boundary string) (map[string]value, error) {
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	values := map[string]value{}
	for {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		if err != nil {
			return nil, errors.New("the form-data is malformed")
		}
		if err := addPart(values, part); err != nil {
			return nil, err
		}
	}
}

func addPart(values map[string]value, part *multipart.Part) error {
	content, err := io.ReadAll(part)
	if err != nil {
		return errors.New("the form-data is malformed")
	}
	name := part.FormName()
	if _, twice := values[name]; twice || name == "" {
		return fmt.Errorf("the part %q has no name of its own", name)
	}
	switch {
	case part.FileName() != "":
		values[name] = value{part.FileName(), kindForm}
	case name == "form-data":
		members, _, err := decodeObject(content)
		if err != nil {
			return err
		}
		for name, v := range members {
			values[name] = value{v.text, kindForm}
		}
	default:
		values[name] = value{string(content), kindForm}
	}
	return nil
}

func maskedForm(values map[string]value) string {
	form := url.Values{}
	for name, v := range values {
		form.Set(name, maskedValue(name, v.text))
	}
	return strings.ReplaceAll(form.Encode(), "%2C", ",")
}
