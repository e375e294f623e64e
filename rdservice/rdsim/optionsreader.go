package rdsim

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// rawOptions is PidOptions as text, known to have the right structure.
type rawOptions struct {
	ver         string
	opts        map[string]string // the attributes of Opts
	demo        string            // the Demo element as sent
	hasOpts     bool
	hasDemo     bool
	hasCustOpts bool
}

// count reads an attribute of at most two digits; missing or empty is 0.
func (r *rawOptions) count(name string) (int, bool) {
	text := r.opts[name]
	if text == "" {
		return 0, true
	}
	if len(text) > 2 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

var errOptions = errors.New("PidOptions is malformed")

// readOptions checks the structure: elements, attributes, nothing else.
func (p Profile) readOptions(body []byte) (*rawOptions, string) {
	r := &optionsReader{profile: p, decoder: xml.NewDecoder(bytes.NewReader(body)), body: body}
	if err := r.read(); err != nil {
		if r.demoError {
			return nil, codeDemo
		}
		return nil, codeOptions
	}
	if r.raw.ver != "1.0" && (r.raw.ver != "" || !p.Has(OptionalVer)) {
		return nil, codeOptions
	}
	if !r.raw.hasOpts || r.raw.hasCustOpts && p.Has(NoCustOpts) {
		return nil, codeOptions
	}
	return &r.raw, codeOK
}

// optionsReader walks the document once.
type optionsReader struct {
	profile   Profile
	decoder   *xml.Decoder
	body      []byte
	raw       rawOptions
	path      []string
	demoStart int64
	demoError bool
	rooted    bool
}

func (r *optionsReader) read() error {
	for {
		before := r.decoder.InputOffset()
		token, err := r.decoder.Token()
		if errors.Is(err, io.EOF) && r.rooted {
			return nil
		}
		if err != nil {
			return errOptions
		}
		switch t := token.(type) {
		case xml.StartElement:
			err = r.start(t, before)
		case xml.EndElement:
			r.end()
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				err = errOptions
			}
		case xml.Directive:
			err = errOptions
		}
		if err != nil {
			return err
		}
	}
}

func (r *optionsReader) start(e xml.StartElement, offset int64) error {
	if e.Name.Space != "" {
		return errOptions
	}
	attrs := make(map[string]string)
	for _, a := range e.Attr {
		if _, twice := attrs[a.Name.Local]; twice || a.Name.Space != "" {
			return errOptions
		}
		attrs[a.Name.Local] = a.Value
	}
	r.path = append(r.path, e.Name.Local)
	switch strings.Join(r.path, "/") {
	case "PidOptions":
		return r.startRoot(attrs)
	case "PidOptions/Opts":
		return r.startOpts(attrs)
	case "PidOptions/Demo":
		return r.startDemo(attrs, offset)
	case "PidOptions/Demo/Pi", "PidOptions/Demo/Pa", "PidOptions/Demo/Pfa":
		return nil
	case "PidOptions/CustOpts":
		if r.raw.hasCustOpts || len(attrs) > 0 {
			return errOptions
		}
		r.raw.hasCustOpts = true
		return nil
	case "PidOptions/CustOpts/Param":
		return only(attrs, "name", "value")
	case "PidOptions/Bios":
		if !r.profile.Has(EmptyBios) {
			return errOptions
		}
		return only(attrs)
	}
	r.demoError = len(r.path) > 2 && r.path[1] == "Demo"
	return errOptions
}

func (r *optionsReader) startRoot(attrs map[string]string) error {
	if r.rooted {
		return errOptions
	}
	r.rooted = true
	r.raw.ver = attrs["ver"]
	return only(attrs, "ver")
}

func (r *optionsReader) startOpts(attrs map[string]string) error {
	if r.raw.hasOpts {
		return errOptions
	}
	r.raw.hasOpts = true
	r.raw.opts = attrs
	known := []string{"fCount", "fType", "iCount", "iType", "pCount", "pType", "format", "pidVer",
		"timeout", "otp", "wadh", "posh", "env"}
	if r.profile.Has(PageOptions) {
		known = append(known, "pgCount", "pTimeout")
	}
	return only(attrs, known...)
}

func (r *optionsReader) startDemo(attrs map[string]string, offset int64) error {
	if r.raw.hasDemo {
		return errOptions
	}
	r.raw.hasDemo = true
	r.demoStart = offset
	r.demoError = only(attrs, "lang") != nil
	return only(attrs, "lang")
}

func (r *optionsReader) end() {
	if strings.Join(r.path, "/") == "PidOptions/Demo" {
		r.raw.demo = string(r.body[r.demoStart:r.decoder.InputOffset()])
	}
	r.path = r.path[:len(r.path)-1]
}

// only refuses attributes that are not known.
func only(attrs map[string]string, known ...string) error {
	for name := range attrs {
		if !slices.Contains(known, name) {
			return errOptions
		}
	}
	return nil
}
