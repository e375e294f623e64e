package rdservice

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/beevik/etree"
)

// The caps on a discovery answer. Honest ones have three levels and under
// twenty elements.
const (
	maxDepth    = 16
	maxElements = 256
	maxAttrs    = 64
)

// readDocument reads a small XML answer whose root is called root. Names are
// compared without case, as clients in the field do. A text that two readers
// could understand in two ways is refused with [ErrUnusable].
func readDocument(raw []byte, root string) (*etree.Element, error) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if err := walk(raw); err != nil {
		return nil, fmt.Errorf("%s answer: %w: %w", root, err, ErrUnusable)
	}
	doc := etree.NewDocument()
	doc.ReadSettings.MaxDepth = maxDepth + 1
	if err := doc.ReadFromBytes(raw); err != nil || doc.Root() == nil {
		return nil, fmt.Errorf("%s answer: not well-formed: %w", root, ErrUnusable)
	}
	e := doc.Root()
	if e.Space != "" || !strings.EqualFold(e.Tag, root) {
		return nil, fmt.Errorf("%s answer: another root element: %w", root, ErrUnusable)
	}
	return e, nil
}

var errMalformed = errors.New("not well-formed")

// walk refuses what etree would let pass. Its errors name a rule, no content.
func walk(raw []byte) error {
	dec := xml.NewDecoder(bytes.NewReader(raw))
	// The label is not believed: Go refuses what is not UTF-8 in any case.
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	depth, elements := 0, 0
	for {
		start := dec.InputOffset()
		token, err := dec.Token()
		if errors.Is(err, io.EOF) && elements > 0 {
			return nil
		}
		if err != nil {
			return errMalformed
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth == 0 && elements > 0 {
				return errors.New("a second root element")
			}
			depth, elements = depth+1, elements+1
			if depth > maxDepth || elements > maxElements {
				return errors.New("too many elements")
			}
			if err := checkAttrs(t.Attr); err != nil {
				return err
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth == 0 && len(bytes.TrimSpace(t)) > 0 {
				return errors.New("text outside the root element")
			}
		case xml.Directive:
			return errors.New("a document type")
		case xml.ProcInst:
			if t.Target != "xml" || start != 0 {
				return errors.New("a processing instruction")
			}
		}
	}
}

func checkAttrs(attrs []xml.Attr) error {
	if len(attrs) > maxAttrs {
		return errors.New("too many attributes")
	}
	seen := make(map[xml.Name]bool, len(attrs))
	for _, a := range attrs {
		name := xml.Name{Space: a.Name.Space, Local: strings.ToLower(a.Name.Local)}
		if seen[name] {
			return errors.New("an attribute twice")
		}
		seen[name] = true
	}
	return nil
}

// attr returns an attribute of no namespace, made safe to show.
func attr(e *etree.Element, name string) (string, bool) {
	value, ok := rawAttr(e, name)
	return printable(value), ok
}

func rawAttr(e *etree.Element, name string) (string, bool) {
	for _, a := range e.Attr {
		if a.Space == "" && strings.EqualFold(a.Key, name) {
			return a.Value, true
		}
	}
	return "", false
}

// children returns the children of e called name.
func children(e *etree.Element, name string) []*etree.Element {
	var out []*etree.Element
	for _, c := range e.ChildElements() {
		if strings.EqualFold(c.Tag, name) {
			out = append(out, c)
		}
	}
	return out
}

const maxText = 200

// printable makes a service's text safe for a terminal, a log line and a page:
// one line, no control or direction-changing characters, at most maxText
// letters.
func printable(s string) string {
	var b strings.Builder
	n, blank := 0, false
	for _, r := range strings.TrimSpace(s) {
		if unicode.IsSpace(r) {
			blank = n > 0
			continue
		}
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			continue
		}
		if blank {
			n++
		}
		if n++; n > maxText {
			break
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
