package rdsim

import (
	"bytes"
	"strings"
)

// node is an element to be written in the style of a vendor.
type node struct {
	name  string
	attrs []attr
	kids  []*node
	text  string
}

type attr struct{ name, value string }

// element makes a node; pairs are attribute names and values in turn.
func element(name string, pairs ...string) *node {
	n := &node{name: name}
	for i := 0; i+1 < len(pairs); i += 2 {
		n.attrs = append(n.attrs, attr{pairs[i], pairs[i+1]})
	}
	return n
}

func (n *node) add(kids ...*node) *node {
	n.kids = append(n.kids, kids...)
	return n
}

// style is how a vendor writes XML.
type style struct {
	declaration string
	quote       string
	indent      string // of one level; empty: all on one line
	closing     string // of an empty element
}

// style follows from the quirks: most services print through a library that
// indents; Android's and Morpho's write one line.
func (p Profile) style() style {
	s := style{declaration: `<?xml version="1.0"?>`, quote: `"`, indent: "  ", closing: " />"}
	if p.Has(OneLine) {
		s.indent, s.closing = "", "/>"
	}
	if p.Has(NoDeclaration) {
		s.declaration = ""
	}
	if p.Has(SingleQuotes) {
		s.quote = `'`
		s.declaration = strings.ReplaceAll(s.declaration, `"`, `'`)
	}
	return s
}

// write renders the document.
func (s style) write(root *node) []byte {
	var b bytes.Buffer
	b.WriteString(s.declaration)
	if s.declaration != "" && s.indent != "" {
		b.WriteByte('\n')
	}
	s.element(&b, root, 0)
	return b.Bytes()
}

func (s style) element(b *bytes.Buffer, n *node, level int) {
	b.WriteString("<" + n.name)
	for _, a := range n.attrs {
		b.WriteString(" " + a.name + "=")
		if a.name == "type" && s.quote == `'` {
			b.WriteByte(' ') // Tatvik's type= 'X'
		}
		b.WriteString(s.quote + escape(a.value) + s.quote)
	}
	if len(n.kids) == 0 && n.text == "" {
		b.WriteString(s.closing)
		return
	}
	b.WriteString(">" + escape(n.text))
	for _, k := range n.kids {
		s.newline(b, level+1)
		s.element(b, k, level+1)
	}
	if len(n.kids) > 0 {
		s.newline(b, level)
	}
	b.WriteString("</" + n.name + ">")
}

func (s style) newline(b *bytes.Buffer, level int) {
	if s.indent != "" {
		b.WriteString("\n" + strings.Repeat(s.indent, level))
	}
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")

// escape leaves line breaks alone: Morpho writes one into an attribute.
func escape(text string) string { return escaper.Replace(text) }
