package rdsim

import (
	"bytes"
	"strings"
)

// bodyFaults spoil any XML answer. (Package-level tables, never written.)
var bodyFaults = map[string]func([]byte) []byte{
	"doctype":             func(b []byte) []byte { return beforeRoot(b, entityBomb) },
	"duplicate-attribute": duplicateAttribute,
	"trailing":            func(b []byte) []byte { return append(b, "\n%PDF-1.4 garbage"...) },
	"second-root":         func(b []byte) []byte { return append(b, "<RDService status='READY'/>"...) },
	"bom":                 func(b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) },
	"bad-utf8":            func(b []byte) []byte { return inRoot(b, " x=\"\xff\xfe\"") },
	"deep":                func(b []byte) []byte { return append(bytes.Repeat([]byte("<a>"), 10_000), b...) },
	"truncated":           func(b []byte) []byte { return b[:len(b)*2/3] },
}

// entityBomb expands a thousandfold where entities are expanded at all.
const entityBomb = `<!DOCTYPE x [<!ENTITY a "0123456789"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">` +
	`<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>`

// rootAt returns where the root element begins.
func rootAt(document []byte) int {
	i := 0
	if bytes.HasPrefix(document, []byte("<?")) {
		i = bytes.Index(document, []byte("?>")) + 2
	}
	return i + bytes.IndexByte(document[i:], '<')
}

func beforeRoot(document []byte, text string) []byte {
	return insert(document, rootAt(document), text)
}

// inRoot puts text behind the root's name.
func inRoot(document []byte, text string) []byte {
	at := rootAt(document)
	return insert(document, at+bytes.IndexAny(document[at:], " >/"), text)
}

// duplicateAttribute gives the first element that has an attribute a second one
// of the same name.
func duplicateAttribute(document []byte) []byte {
	at := rootAt(document)
	end := at + bytes.IndexByte(document[at:], '=')
	start := bytes.LastIndexByte(document[:end], ' ')
	return insert(document, start, string(document[start:end])+`="0"`)
}

func insert(document []byte, at int, text string) []byte {
	return append(append(bytes.Clone(document[:at]), text...), document[at:]...)
}

// blockFaults spoil a good block before it is laid out.
var blockFaults = map[string]func(*Server, *block){
	"no-resp":    func(_ *Server, b *block) { b.drop("Resp") },
	"no-hmac":    func(_ *Server, b *block) { b.drop("Hmac") },
	"no-skey":    func(_ *Server, b *block) { b.drop("Skey") },
	"no-data":    func(_ *Server, b *block) { b.drop("Data") },
	"two-data":   func(_ *Server, b *block) { b.elements = append(b.elements, "Data") },
	"bad-base64": func(_ *Server, b *block) { b.data = b.data[:100] + "*" + b.data[101:] },
	"short-skey": func(s *Server, b *block) { b.skey = s.base64(b.sealed.Skey[:255]) },
	"short-hmac": func(s *Server, b *block) { b.hmac = s.base64(b.sealed.Hmac[:47]) },
	"short-data": func(s *Server, b *block) { b.data = s.base64(b.sealed.Data[:40]) },
	"no-time": func(s *Server, b *block) {
		b.data = s.base64(append([]byte("not a time at all!!"), b.sealed.Data[19:]...))
	},
	"tampered": func(s *Server, b *block) {
		data := bytes.Clone(b.sealed.Data)
		data[len(data)/2] ^= 1
		b.data = s.base64(data)
	},
	"bad-mc":   func(_ *Server, b *block) { b.mc = strings.Repeat("AAAA", len(b.mc)/4) },
	"no-mc":    func(_ *Server, b *block) { b.mc = "" },
	"protobuf": func(_ *Server, b *block) { b.dataType = "P" },
	"bad-ci":   func(_ *Server, b *block) { b.ci = "2028-08-13" },
	"old-ci":   func(_ *Server, b *block) { b.ci = "20191230" },
}
