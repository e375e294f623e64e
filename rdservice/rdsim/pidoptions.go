package rdsim

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
)

// pidOptions is a request that passed every rule.
type pidOptions struct {
	fCount, fType, iCount int
	timeout               time.Duration
	otp, wadh             string
	posh                  []string // empty: UNKNOWN
	demo                  string   // the Demo element as sent
}

// modalities is the number of fingers and eyes asked for.
func (o pidOptions) modalities() int { return o.fCount + o.iCount }

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
func (p Profile) checkEnv(raw *rawOptions, _ *pidOptions) string {
	env := raw.opts["env"]
	switch {
	case env == "P", env == "" && !p.Has(NeedsEnv), (env == "S" || env == "PP") && !p.Has(OnlyEnvP):
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
