package pid

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/beevik/etree"
)

// maxDocument caps a PidData document. One finger with its image makes 14 to
// 17 kB, a second one about doubles that.
const maxDocument = 1 << 20

// maxAttributes caps what one element may carry, so that the search for
// repeated names stays cheap.
const maxAttributes = 64

// form is what an element may carry. Elements that are not in the grammar are
// refused, which also bounds the depth.
type form struct {
	children []string
	// attributes are the only ones; nil means any unprefixed name, because this
	// is an element to which vendors add their own (rd-service.md section 5.1).
	attributes []string
	text       bool // base64 is its content, and nothing else may be
	repeats    bool
}

// grammar is the PidData document. CustOpts is in no sample; it is let through
// unread in case a driver hands back what requests may hold.
var grammar = map[string]form{
	"PidData":         {children: []string{"Resp", "DeviceInfo", "Skey", "Hmac", "Data", "CustOpts"}, attributes: []string{}},
	"Resp":            {},
	"DeviceInfo":      {children: []string{"additional_info"}},
	"additional_info": {children: []string{"Param"}},
	"CustOpts":        {children: []string{"Param"}},
	"Param":           {repeats: true},
	"Skey":            {attributes: []string{"ci"}, text: true},
	"Hmac":            {attributes: []string{}, text: true},
	"Data":            {attributes: []string{"type"}, text: true},
}

// schemaNamespaces are declared, and never used, by Startek's driver.
var schemaNamespaces = map[string]string{
	"xsi": "http://www.w3.org/2001/XMLSchema-instance",
	"xsd": "http://www.w3.org/2001/XMLSchema",
}

var declaration = regexp.MustCompile(`^<\?xml\s+version\s*=\s*(?:"1\.0"|'1\.0')` +
	`(?:\s+encoding\s*=\s*(?:"([A-Za-z0-9._-]+)"|'([A-Za-z0-9._-]+)'))?` +
	`(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>`)

var byteOrderMark = []byte("\xef\xbb\xbf")

// prologue checks what can be checked before any markup is read and returns
// the document from behind its byte order mark and XML declaration.
func prologue(raw []byte) ([]byte, error) {
	if len(raw) > maxDocument {
		return nil, parseError("document_too_large", document)
	}
	if !utf8.Valid(raw) {
		return nil, parseError("not_utf8", document)
	}
	if bytes.ContainsFunc(raw, notXML) {
		return nil, parseError("malformed_xml", document)
	}
	rest := bytes.TrimPrefix(raw, byteOrderMark)
	if !bytes.HasPrefix(rest, []byte("<?xml")) {
		return rest, nil
	}
	m := declaration.FindSubmatch(rest)
	if m == nil {
		return nil, parseError("bad_declaration", document)
	}
	encoding := string(m[1]) + string(m[2])
	if encoding != "" && !strings.EqualFold(encoding, "utf-8") {
		return nil, parseError("not_utf8", document)
	}
	return rest[len(m[0]):], nil
}

// notXML reports the characters that XML leaves out. encoding/xml lets them
// pass in comments.
func notXML(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// walker goes once through the tokens of a document, holds them against the
// grammar and builds the tree from what it let pass. etree's own reader takes
// whatever comes: repeated attributes, document types, text after the end.
// encoding/xml below it takes attributes that no blank separates, and
// references to no character.
type walker struct {
	src  []byte
	dec  *xml.Decoder
	root *etree.Element
	open []openElement // from the root inwards
	done bool          // the root element was closed
}

type openElement struct {
	name string // as in the grammar
	tag  string // as it was written, and must be closed
	form form
	tree *etree.Element
}

// readTree returns the root element of a document that keeps to the grammar,
// with its attributes and the text of those elements that have one.
func readTree(src []byte) (*etree.Element, error) {
	w := &walker{src: src, dec: xml.NewDecoder(bytes.NewReader(src))}
	for {
		start := w.dec.InputOffset()
		token, err := w.dec.RawToken()
		if errors.Is(err, io.EOF) {
			return w.end()
		}
		if err != nil {
			// The decoder's own words quote the input.
			return nil, parseError("malformed_xml", w.where())
		}
		markup := src[start:w.dec.InputOffset()]
		if err := w.token(token, markup); err != nil {
			return nil, err
		}
	}
}

func (w *walker) token(token xml.Token, markup []byte) error {
	switch t := token.(type) {
	case xml.StartElement:
		return w.startElement(t, markup)
	case xml.EndElement:
		return w.endElement(t)
	case xml.CharData:
		return w.charData(t, markup)
	case xml.Comment:
		if len(w.open) > 0 && w.top().form.text {
			return parseError("unexpected_content", w.where())
		}
		return nil
	case xml.ProcInst:
		return parseError("processing_instruction", w.where())
	default: // xml.Directive
		return parseError("doctype", w.where())
	}
}

func (w *walker) startElement(t xml.StartElement, markup []byte) error {
	if w.done {
		return parseError("trailing_content", document)
	}
	if t.Name.Space != "" {
		return parseError("foreign_namespace", w.where())
	}
	name := elementName(t.Name.Local)
	if err := w.belongs(name); err != nil {
		return err
	}
	if !attributesApart(markup) || !validReferences(markup) {
		return parseError("malformed_xml", name)
	}
	if err := checkAttributes(name, t.Attr); err != nil {
		return err
	}
	e := etree.NewElement(name)
	for _, a := range t.Attr {
		if a.Name.Space == "" {
			e.CreateAttr(a.Name.Local, a.Value)
		}
	}
	if len(w.open) == 0 {
		w.root = e
	} else {
		w.top().tree.AddChild(e)
	}
	w.open = append(w.open, openElement{name: name, tag: t.Name.Local, form: grammar[name], tree: e})
	return nil
}

// belongs holds an element against what its parent may hold, and how often.
func (w *walker) belongs(name string) error {
	if len(w.open) == 0 {
		if name != "PidData" {
			return parseError("foreign_root", document)
		}
		return nil
	}
	parent := w.top()
	if !slices.Contains(parent.form.children, name) {
		// Where it stands is ours to tell; how it is called is the sender's.
		return parseError("unexpected_element", parent.name)
	}
	if !grammar[name].repeats && parent.tree.SelectElement(name) != nil {
		return parseError("duplicate_element", name)
	}
	return nil
}

// elementName forgives the case of additional_info, which carries nothing that
// is sealed or signed.
func elementName(name string) string {
	if strings.EqualFold(name, "additional_info") {
		return "additional_info"
	}
	return name
}

func (w *walker) endElement(t xml.EndElement) error {
	if len(w.open) == 0 || t.Name.Space != "" || t.Name.Local != w.top().tag {
		return parseError("malformed_xml", w.where())
	}
	w.open = w.open[:len(w.open)-1]
	w.done = len(w.open) == 0
	return nil
}

func (w *walker) charData(text xml.CharData, markup []byte) error {
	if bytes.HasPrefix(markup, []byte("<![CDATA[")) {
		return parseError("unexpected_content", w.where())
	}
	if !validReferences(markup) {
		return parseError("malformed_xml", w.where())
	}
	if len(w.open) > 0 && w.top().form.text {
		w.top().tree.CreateText(string(text))
		return nil
	}
	if len(bytes.Trim(text, " \t\r\n")) == 0 {
		return nil
	}
	if w.done {
		return parseError("trailing_content", document)
	}
	return parseError("unexpected_content", w.where())
}

func (w *walker) end() (*etree.Element, error) {
	if len(w.open) > 0 {
		return nil, parseError("malformed_xml", w.where())
	}
	if !w.done {
		return nil, parseError("empty_document", document)
	}
	return w.root, nil
}

func (w *walker) top() openElement { return w.open[len(w.open)-1] }

// where names the element that is open, by a name of the grammar.
func (w *walker) where() string {
	if len(w.open) == 0 {
		return document
	}
	return w.top().name
}

func checkAttributes(element string, attrs []xml.Attr) error {
	if len(attrs) > maxAttributes {
		return parseError("too_many_attributes", element)
	}
	allowed := grammar[element].attributes
	for i, a := range attrs {
		for _, earlier := range attrs[:i] {
			if earlier.Name == a.Name {
				return parseError("duplicate_attribute", element)
			}
		}
		switch {
		case element == "PidData" && isSchemaDeclaration(a):
		case a.Name.Space != "" || a.Name.Local == "xmlns" || strings.Contains(a.Name.Local, ":"):
			return parseError("foreign_namespace", element)
		case allowed != nil && !slices.Contains(allowed, a.Name.Local):
			return parseError("unexpected_attribute", element)
		}
	}
	return nil
}

func isSchemaDeclaration(a xml.Attr) bool {
	uri, known := schemaNamespaces[a.Name.Local]
	return known && a.Name.Space == "xmlns" && a.Value == uri
}

// attributesApart reports whether a blank stands between the attributes of a
// start tag. encoding/xml does not ask for it, other readers do.
func attributesApart(tag []byte) bool {
	var quote byte
	for i, c := range tag {
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != 0 && c == quote:
			quote = 0
			if i+1 < len(tag) && !bytes.ContainsRune([]byte(" \t\r\n/>"), rune(tag[i+1])) {
				return false
			}
		}
	}
	return true
}

var numericReference = regexp.MustCompile(`&#(x?)([0-9a-fA-F]+);`)

// validReferences reports whether no numeric reference names a surrogate.
// encoding/xml replaces those silently; it refuses all other bad ones itself.
func validReferences(markup []byte) bool {
	if !bytes.Contains(markup, []byte("&#")) {
		return true
	}
	for _, m := range numericReference.FindAllSubmatch(markup, -1) {
		base := 10
		if len(m[1]) > 0 {
			base = 16
		}
		n, err := strconv.ParseUint(string(m[2]), base, 32)
		if err != nil || n >= 0xD800 && n <= 0xDFFF {
			return false
		}
	}
	return true
}
