package pidtest

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// element is one XML element, read strictly: no attribute twice, no DOCTYPE,
// nothing after the root.
type element struct {
	name     string
	attrs    map[string]string
	text     string
	children []*element
}

// maxDepth is more than any PID document needs.
const maxDepth = 8

// readElement reads a whole document.
func readElement(document []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(document))
	var root *element
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && root != nil {
			return root, nil
		}
		if err != nil {
			return nil, errors.New("not well-formed XML")
		}
		switch t := token.(type) {
		case xml.StartElement:
			if root != nil {
				return nil, errors.New("a second root element")
			}
			if root, err = readContent(d, t, 1); err != nil {
				return nil, err
			}
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return nil, errors.New("text outside the root element")
			}
		case xml.Directive:
			return nil, errors.New("a DOCTYPE")
		}
	}
}

func readContent(d *xml.Decoder, start xml.StartElement, depth int) (*element, error) {
	if depth > maxDepth {
		return nil, errors.New("elements nested too deep")
	}
	e := &element{name: start.Name.Local, attrs: make(map[string]string)}
	if start.Name.Space != "" {
		return nil, fmt.Errorf("a namespace on %s", known(e.name))
	}
	for _, a := range start.Attr {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
			continue
		}
		if _, twice := e.attrs[a.Name.Local]; twice {
			return nil, fmt.Errorf("an attribute twice on %s", known(e.name))
		}
		e.attrs[a.Name.Local] = a.Value
	}
	var text strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return nil, errors.New("not well-formed XML")
		}
		switch t := token.(type) {
		case xml.StartElement:
			child, err := readContent(d, t, depth+1)
			if err != nil {
				return nil, err
			}
			e.children = append(e.children, child)
		case xml.EndElement:
			e.text = text.String()
			return e, nil
		case xml.CharData:
			text.Write(t)
		case xml.Directive:
			return nil, errors.New("a DOCTYPE")
		}
	}
}

// known keeps names that somebody else chose out of error texts.
func known(name string) string {
	switch name {
	case "PidData", "Resp", "DeviceInfo", "additional_info", "Param", "Skey", "Hmac", "Data",
		"Pid", "Demo", "Bios", "Bio", "Pv":
		return name
	}
	return "an element"
}

// only returns the child of that name, which must be there exactly once.
func (e *element) only(name string) (*element, error) {
	var found *element
	for _, c := range e.children {
		if c.name != name {
			continue
		}
		if found != nil {
			return nil, errors.New("is there twice")
		}
		found = c
	}
	if found == nil {
		return nil, errors.New("is missing")
	}
	return found, nil
}

// bytes64 reads the element's text as base64. Vendors break it into lines
// (rd-service.md section 5.1), so white space inside is skipped.
func (e *element) bytes64() ([]byte, error) {
	if len(e.children) > 0 {
		return nil, errors.New("has children")
	}
	return decode64(e.text)
}

func decode64(text string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, errors.New("is not base64")
	}
	if len(b) == 0 {
		return nil, errors.New("is empty")
	}
	return b, nil
}
