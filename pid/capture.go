package pid

import (
	"errors"
	"time"
)

// ParseError says where a document breaks which rule, and never with what value.
type ParseError struct {
	Code    string
	Element string
	Rule    string
}

func (e *ParseError) Error() string { return "pid: " + e.Element + ": " + e.Rule }

// Parse reads a PidData document.
func Parse(raw []byte) (*Capture, error) {
	return nil, &ParseError{Code: "malformed_xml", Element: "PidData", Rule: "is not well-formed XML"}
}

// Capture is one answer of an RD service.
type Capture struct {
	raw []byte
}

func (c *Capture) Bytes() []byte      { return c.raw }
func (c *Capture) Wipe()              {}
func (c *Capture) Resp() Resp         { return Resp{} }
func (c *Capture) Err() error         { return nil }
func (c *Capture) Device() DeviceInfo { return DeviceInfo{} }
func (c *Capture) Certificate() (Certificate, error) {
	return Certificate{}, errors.New("pid: no certificate")
}
func (c *Capture) TakenAt() (time.Time, error) { return time.Time{}, errors.New("pid: no time") }
func (c *Capture) Digest() [32]byte            { return [32]byte{} }
func (c *Capture) SkeyDigest() [32]byte        { return [32]byte{} }
func (c *Capture) CI() string                  { return "" }

// Resp is the driver's own account of a capture, its texts trimmed.
type Resp struct {
	ErrCode, ErrInfo       string
	FCount, FType          string
	ICount, IType          string
	PCount, PType          string
	QScore, NmPoints       []int
	RawQScore, RawNmPoints string
}

// RespError is a capture that the driver itself calls failed.
type RespError struct{ Code, Info string }

func (e *RespError) Error() string { return "pid: capture failed with code " + e.Code }

// DeviceInfo is who made a capture.
type DeviceInfo struct {
	DPID, RDSID, RDSVer, DC, MI string
	Serial                      string
	Level                       string
	Params                      map[string]string
}

// Vendor names the maker of a device.
func Vendor(info DeviceInfo) string { return "" }

// Certificate is what can be read from a device certificate.
type Certificate struct {
	SubjectCN, IssuerCN string
	NotBefore, NotAfter time.Time
	Serial              string
}
