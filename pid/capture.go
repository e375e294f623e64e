package pid

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
)

// Capture is one answer of an RD service: the document, kept byte for byte, and
// what can be read from it without UIDAI's key. It never shows the document
// when formatted, marshalled or logged.
//
// Its methods may be called from several goroutines, but for the slice that
// Bytes returns, which nobody may be reading when Wipe is called.
type Capture struct {
	block *block

	resp           Resp
	device         DeviceInfo
	hasDevice      bool
	certificate    Certificate
	certificateErr error
	hasCertificate bool

	ci               string
	dataType         string
	skey, hmac, data sealedPart
	takenAt          time.Time
	takenAtErr       error
}

// block holds the document apart, so that neither a Capture nor a copy of one
// has the bytes within reach of a formatter.
type block struct {
	mu    sync.RWMutex
	bytes []byte
}

var (
	errNoCertificate = errors.New("pid: no device certificate")
	errNoTimestamp   = errors.New("pid: no time before the sealed data")
)

// Bytes returns the document as it was received, for sending on unmodified, or
// nil after Wipe. The caller must not change it.
func (c *Capture) Bytes() []byte {
	c.block.mu.RLock()
	defer c.block.mu.RUnlock()
	return c.block.bytes
}

// Wipe overwrites the document with zeros and lets it go. What was read from it
// stays: none of that is secret. Go promises less than one would like: copies
// that the XML reader made while parsing, and copies made by whoever sent the
// bytes, are left to the garbage collector. They hold what the document holds,
// a block sealed for UIDAI. Wipe may be called again.
func (c *Capture) Wipe() {
	c.block.mu.Lock()
	defer c.block.mu.Unlock()
	clear(c.block.bytes)
	c.block.bytes = nil
}

// Resp returns the driver's own account of the capture.
func (c *Capture) Resp() Resp { return c.resp.clone() }

// Err returns nil if the driver calls the capture a success, else a *RespError.
func (c *Capture) Err() error {
	if c.resp.ErrCode == "0" {
		return nil
	}
	return &RespError{Code: c.resp.ErrCode, Info: c.resp.ErrInfo}
}

// Device returns who made the capture. It is empty where the answer to a failed
// capture left it out.
func (c *Capture) Device() DeviceInfo { return c.device.clone() }

// Certificate returns what the device certificate says. It is read, not
// verified: only UIDAI knows which providers to trust.
func (c *Capture) Certificate() (Certificate, error) { return c.certificate, c.certificateErr }

// TakenAt returns the time before the sealed data, which is the scanner's clock
// in Asia/Kolkata at the start of the capture (rd-service.md section 5.2). The
// error is not nil for a failed capture and for a time that is none.
func (c *Capture) TakenAt() (time.Time, error) { return c.takenAt, c.takenAtErr }

// Digest returns the SHA-256 of the decoded Data, by which a capture that was
// used before is recognised, or zero where there is none.
func (c *Capture) Digest() [32]byte { return c.data.digest }

// SkeyDigest returns the SHA-256 of the decoded Skey. Every capture has its own
// session key, so the same digest again is a replay too.
func (c *Capture) SkeyDigest() [32]byte { return c.skey.digest }

// CI returns the certificate identifier of Skey as it stands, trimmed: the date
// (YYYYMMDD, GMT) on which the UIDAI certificate it is sealed for expires.
func (c *Capture) CI() string { return printable(c.ci) }

func (c Capture) summary() string {
	c.block.mu.RLock()
	size := len(c.block.bytes)
	c.block.mu.RUnlock()
	return fmt.Sprintf("[capture: vendor %q, model %q, code %q, %d bytes]",
		Vendor(c.device), c.device.MI, c.resp.ErrCode, size)
}

// Format implements fmt.Formatter for every verb. It and the methods below have
// value receivers so that a dereferenced capture is covered too.
func (c Capture) Format(f fmt.State, _ rune) { io.WriteString(f, c.summary()) }

// String implements fmt.Stringer.
func (c Capture) String() string { return c.summary() }

// MarshalText implements encoding.TextMarshaler, which JSON follows.
func (c Capture) MarshalText() ([]byte, error) { return []byte(c.summary()), nil }

// LogValue implements slog.LogValuer.
func (c Capture) LogValue() slog.Value { return slog.StringValue(c.summary()) }
