package rdsim

// ParseOptions reads PidOptions as a CAPTURE does and returns the errCode, with
// how many fingers and eyes and how many milliseconds were asked for.
func (p Profile) ParseOptions(body []byte) (code string, modalities int, milliseconds int64) {
	o, code := p.parseOptions(body)
	return code, o.modalities(), o.timeout.Milliseconds()
}

// Answered lists the codes that have a text of their own.
func Answered(code string) bool { _, ok := errInfos[code]; return ok }
