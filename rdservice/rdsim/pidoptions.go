package rdsim

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// pidOptions is a request that passed every rule.
type pidOptions struct {
	fCount, fType, iCount int
	timeout               time.Duration
	otp, wadh, env        string
	posh                  []string // empty: UNKNOWN
	demo                  string   // the Demo element as sent
}

// modalities is the number of fingers and eyes asked for.
func (o pidOptions) modalities() int { return o.fCount + o.iCount }

// rawOptions is PidOptions as text, known to have the right structure.
type rawOptions struct {
	ver                     string
	opts                    map[string]string
	demo                    string
	hasDemo, hasCust, hasOp bool
}

// parseOptions reads PidOptions by the rules of rd-service.md section 4.1 and
// those of the vendor. code is codeOK, or the code of the first rule broken.
func (p Profile) parseOptions(body []byte) (o pidOptions, code string) {
	raw, code := p.readOptions(body)
	if code != codeOK {
		return pidOptions{}, code
	}
	for _, rule := range []func(*rawOptions, *pidOptions) string{
		p.checkFormat, p.checkFingers, p.checkEyes, p.checkFace, p.checkModalities,
		p.checkTimeout, p.checkPosh, p.checkEnv, p.checkText,
	} {
		if code := rule(raw, &o); code != codeOK {
			return pidOptions{}, code
		}
	}
	return o, codeOK
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
	if !r.raw.hasOp || r.raw.hasCust && p.Has(NoCustOpts) {
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
		if r.raw.hasCust || len(attrs) > 0 {
			return errOptions
		}
		r.raw.hasCust = true
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
	if r.raw.hasOp {
		return errOptions
	}
	r.raw.hasOp = true
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

func (p Profile) checkFormat(raw *rawOptions, _ *pidOptions) string {
	switch raw.opts["format"] {
	case "0":
	case "1":
		return codeProtobuf
	default:
		return codeFormat
	}
	if raw.opts["pidVer"] != "2.0" {
		return codePidVer
	}
	return codeOK
}

// checkFingers: with images at most two fingers go into one block (UIDAI's
// notice of 11 Nov 2021).
func (p Profile) checkFingers(raw *rawOptions, o *pidOptions) string {
	fType, ok := raw.count("fType")
	if !ok || fType > 2 {
		return codeFType
	}
	fCount, ok := raw.count("fCount")
	if !ok {
		return codeFCount
	}
	if fCount == 0 {
		return codeOK // fType alone asks for nothing
	}
	if p.Has(Iris) {
		return codeNoFingers
	}
	if fType == 2 && p.Has(OldFType) {
		return codeFType
	}
	if fCount > 10 || fType > 0 && fCount > 2 {
		return codeFCount
	}
	o.fType, o.fCount = fType, fCount
	return codeOK
}

func (p Profile) checkEyes(raw *rawOptions, o *pidOptions) string {
	iType, ok := raw.count("iType")
	if !ok || iType != 0 {
		return codeIType
	}
	iCount, ok := raw.count("iCount")
	if !ok {
		return codeICount
	}
	if iCount == 0 {
		return codeOK
	}
	if !p.Has(Iris) {
		return codeNoIris
	}
	if iCount > 2 {
		return codeICount
	}
	o.iCount = iCount
	return codeOK
}

func (p Profile) checkFace(raw *rawOptions, _ *pidOptions) string {
	pCount, okCount := raw.count("pCount")
	pType, okType := raw.count("pType")
	switch {
	case !okCount, !okType, pCount > 1, pType != 0:
		return codeOptions
	case pCount > 0:
		return codeFace
	}
	return codeOK
}

func (p Profile) checkModalities(raw *rawOptions, o *pidOptions) string {
	switch {
	case o.modalities() > 0:
		return codeOK
	case raw.opts["otp"] != "":
		return codeFCount // an OTP alone is not allowed
	}
	return codeOptions
}

// checkTimeout: milliseconds. ACPL wants more than one second and less than 120;
// the others at most five digits.
func (p Profile) checkTimeout(raw *rawOptions, o *pidOptions) string {
	text := raw.opts["timeout"]
	if text == "" || strings.Trim(text, "0123456789") != "" || len(text) > 6 {
		return codeTimeout
	}
	ms, err := strconv.Atoi(text)
	if err != nil || ms == 0 {
		return codeTimeout
	}
	if p.Has(ACPLRules) {
		if ms <= 1000 || ms >= 120_000 {
			return codeTimeout
		}
	} else if len(text) > 5 {
		return codeTimeout
	}
	o.timeout = time.Duration(ms) * time.Millisecond
	return codeOK
}

var (
	fingerPoshes = []string{"LEFT_INDEX", "LEFT_LITTLE", "LEFT_MIDDLE", "LEFT_RING", "LEFT_THUMB",
		"RIGHT_INDEX", "RIGHT_LITTLE", "RIGHT_MIDDLE", "RIGHT_RING", "RIGHT_THUMB"}
	eyePoshes = []string{"LEFT_IRIS", "RIGHT_IRIS"}
)

// checkPosh: UNKNOWN, or as many different names as fingers and eyes.
func (p Profile) checkPosh(raw *rawOptions, o *pidOptions) string {
	text := raw.opts["posh"]
	if text == "" || text == "UNKNOWN" {
		return codeOK
	}
	names := strings.Split(text, ",")
	fingers, eyes := 0, 0
	for i, name := range names {
		switch {
		case slices.Contains(names[:i], name):
			return codePosh
		case slices.Contains(fingerPoshes, name):
			fingers++
		case slices.Contains(eyePoshes, name):
			eyes++
		default:
			return codePosh
		}
	}
	if fingers != o.fCount || eyes != o.iCount {
		return codePosh
	}
	o.posh = names
	return codeOK
}

// checkEnv: a missing one means P, but not to Mantra. Which code the vendors
// other than Mantra and ACPL give a bad one is not known; 100 is BioEnable's.
func (p Profile) checkEnv(raw *rawOptions, o *pidOptions) string {
	env := raw.opts["env"]
	switch {
	case env == "P", env == "" && !p.Has(NeedsEnv):
		o.env = "P"
		return codeOK
	case (env == "S" || env == "PP") && !p.Has(OnlyEnvP):
		o.env = env
		return codeOK
	case p.Has(NeedsEnv):
		return codeEnvMantra
	case p.Has(ACPLRules):
		return codeEnvACPL
	}
	return codeOptions
}

// checkText takes over what goes into the PID as it is.
func (p Profile) checkText(raw *rawOptions, o *pidOptions) string {
	o.otp, o.wadh, o.demo = raw.opts["otp"], raw.opts["wadh"], raw.demo
	if o.wadh == "" {
		return codeOK
	}
	if hash, err := base64.StdEncoding.DecodeString(o.wadh); err != nil || len(hash) != 32 {
		return codeOptions
	}
	return codeOK
}
