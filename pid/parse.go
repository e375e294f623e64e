package pid

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/beevik/etree"
)

// document stands in a [ParseError] for what belongs to no element.
const document = "document"

// ParseError says that a document is no PidData. It names the element and the
// rule; what stood there instead may be personal and is left out.
type ParseError struct {
	Code    string // as in Problems
	Element string // an element of the grammar, or "document"
	Rule    string // reads behind the element: "has an attribute twice"
}

func (e *ParseError) Error() string { return "pid: " + e.Element + " " + e.Rule }

// Problem returns the error in the shape of a check's finding.
func (e *ParseError) Problem() Problem { return newProblem(e.Code, e.Element, nil) }

func parseError(code, element string) *ParseError {
	return &ParseError{Code: code, Element: element, Rule: parseRules[code]}
}

// Parse reads the answer of an RD service to CAPTURE, and returns either a
// capture or a *ParseError. It checks form alone: an answer that says the
// capture failed is read too (see [Capture.Err]), and what the values are worth
// is for [Policy.Check] to say. It lets pass all that working drivers of
// rd-service.md section 5.1 do: any order of elements, single quotes, blanks
// around values, empty counts, a byte order mark, no XML declaration, their
// own attributes on Resp, DeviceInfo, additional_info and Param (never on PidData,
// Skey, Hmac and Data). At most 1 MiB.
//
// The capture holds a copy of raw, so that what was checked is what is sent.
// The caller clears its own buffer.
func Parse(raw []byte) (*Capture, error) {
	src, err := prologue(raw)
	if err != nil {
		return nil, err
	}
	root, err := readTree(src)
	if err != nil {
		return nil, err
	}
	resp := root.SelectElement("Resp")
	if resp == nil {
		return nil, parseError("missing_resp", "PidData")
	}
	c := &Capture{block: &block{bytes: bytes.Clone(raw)}, resp: readResp(resp)}
	if c.resp.ErrCode == "" {
		return nil, parseError("missing_err_code", "Resp")
	}
	c.readDevice(root.SelectElement("DeviceInfo"))
	c.readSealed(root)
	return c, nil
}

func (c *Capture) readDevice(e *etree.Element) {
	c.certificateErr = errNoCertificate
	if e == nil {
		return
	}
	c.hasDevice = true
	c.device = readDeviceInfo(e)
	mc := strings.TrimSpace(value(e, "mc"))
	if mc == "" {
		return
	}
	c.hasCertificate = true
	c.certificate, c.certificateErr = ParseCertificate(mc)
}

// readSealed notes sizes, digests and the time in the clear, and lets go of the
// sealed bytes again: they are wanted only as part of the document.
func (c *Capture) readSealed(root *etree.Element) {
	if e := root.SelectElement("Skey"); e != nil {
		c.ci = strings.TrimSpace(value(e, "ci"))
		c.skey = sealed(e, nil)
	}
	if e := root.SelectElement("Hmac"); e != nil {
		c.hmac = sealed(e, nil)
	}
	c.takenAtErr = errNoTimestamp
	if e := root.SelectElement("Data"); e != nil {
		c.dataType = strings.TrimSpace(value(e, "type"))
		c.data = sealed(e, func(plain []byte) { c.takenAt, c.takenAtErr = readTimestamp(plain) })
	}
}

// sealedPart is what is known of Skey, Hmac or Data.
type sealedPart struct {
	present   bool
	notBase64 bool
	size      int // decoded
	digest    [sha256.Size]byte
}

func sealed(e *etree.Element, look func(decoded []byte)) sealedPart {
	text := e.Text()
	if strings.TrimSpace(text) == "" {
		return sealedPart{}
	}
	decoded, err := decodeBase64(text)
	if err != nil {
		return sealedPart{present: true, notBase64: true}
	}
	if look != nil {
		look(decoded)
	}
	part := sealedPart{present: true, size: len(decoded), digest: sha256.Sum256(decoded)}
	clear(decoded)
	return part
}

// decodeBase64 reads standard base64 with blanks anywhere: Android's encoder
// breaks lines, and one driver puts a blank inside.
func decodeBase64(text string) ([]byte, error) {
	compact := make([]byte, 0, len(text))
	for i := range len(text) {
		switch text[i] {
		case ' ', '\t', '\r', '\n':
		default:
			compact = append(compact, text[i])
		}
	}
	n, err := base64.StdEncoding.Decode(compact, compact)
	if err != nil {
		clear(compact)
		return nil, err
	}
	return compact[:n], nil
}

// value returns an attribute as it stands, or "".
func value(e *etree.Element, name string) string {
	for _, a := range e.Attr {
		if a.Space == "" && a.Key == name {
			return a.Value
		}
	}
	return ""
}
