package ekosim

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"

	"biobridge/pid/pidtest"
)

// block is a PID block that was opened, or why it could not be.
type block struct {
	opened *pidtest.Opened
	digest string
	reason string // "" for a block in order
}

// wadhEKYC is the one that eKYC wants in the block, base64 of the SHA-256 of
// "2.5FYNNN" (eko-api.md section 4.4).
const wadhEKYC = "E0jzJ/P8UopUHAieZn8CKqS4WPMi5ZSYXgfnlfkWjrc="

// openBlock opens the PID block as UIDAI would and judges what can be judged
// without knowing whose finger it is. Repetition is judged by [Server.useBlock].
func (x *exchange) openBlock(wadh string) block {
	opened, err := x.s.opts.UIDAI.Open([]byte(x.fields["piddata"]))
	if err != nil {
		return block{reason: uidaiReason(err)}
	}
	sum := sha256.Sum256(opened.PID)
	b := block{opened: opened, digest: hex.EncodeToString(sum[:])}
	if err := opened.CheckAge(x.s.now(), x.s.opts.PIDMaxAge, x.s.opts.PIDMaxAhead); err != nil {
		b.reason = uidaiReason(err)
		return b
	}
	if opened.Wadh != wadh {
		b.reason = "Authentication Failed. Invalid Biometric data."
	}
	return b
}

// uidaiReason is a refusal of UIDAI's as banks pass it on.
func uidaiReason(err error) string {
	if e, ok := errors.AsType[*pidtest.OpenError](err); ok {
		return "UIDAI error " + e.Code + ": " + e.Element + " " + e.Rule
	}
	return "UIDAI error 999"
}

// useBlock takes a block for one call. A second call with it is refused (563),
// whatever became of the first. The caller holds s.mu.
func (s *Server) useBlock(b *block) {
	if b.digest == "" {
		return
	}
	if s.blocks[b.digest] && b.reason == "" {
		b.reason = "UIDAI error " + pidtest.CodeDuplicate + ": duplicate PID block"
	}
	s.blocks[b.digest] = true
}

// suits reports whether the block has the records that a bank of this fType
// takes, and says so in Resp.
func (b block) suits(fType int) bool {
	has := func(kind string) bool {
		return slices.ContainsFunc(b.opened.Bios, func(bio pidtest.Bio) bool { return bio.Type == kind })
	}
	if has("IIR") && !has("FMR") && !has("FIR") {
		return true // iris has no fType
	}
	switch fType {
	case 0:
		return has("FMR") && !has("FIR") && b.opened.FType == "0"
	default:
		return has("FMR") && has("FIR") && b.opened.FType == "2"
	}
}
