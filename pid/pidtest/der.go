package pidtest

import (
	"errors"
	"fmt"
	"time"
)

// DER tags that a device certificate uses.
const (
	tagBoolean         = 0x01
	tagInteger         = 0x02
	tagBitString       = 0x03
	tagOctetString     = 0x04
	tagNull            = 0x05
	tagOID             = 0x06
	tagUTF8String      = 0x0c
	tagPrintableString = 0x13
	tagUTCTime         = 0x17
	tagGeneralizedTime = 0x18
	tagSequence        = 0x30
	tagSet             = 0x31
	tagVersion         = 0xa0
	tagExtensions      = 0xa3
)

// derElement writes one element. The parts are its content, joined.
func derElement(tag byte, parts ...[]byte) []byte {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	out := append([]byte{tag}, derLength(size)...)
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func derLength(n int) []byte {
	switch {
	case n < 0x80:
		return []byte{byte(n)}
	case n < 0x100:
		return []byte{0x81, byte(n)}
	default:
		return []byte{0x82, byte(n >> 8), byte(n)}
	}
}

// derTime writes a time as certificates do: two-digit years up to 2049.
func derTime(t time.Time) []byte {
	t = t.UTC()
	if t.Year() < 2050 {
		return derElement(tagUTCTime, []byte(t.Format("060102150405Z")))
	}
	return derElement(tagGeneralizedTime, []byte(t.Format("20060102150405Z")))
}

var errDER = errors.New("not DER")

// derReader walks DER without judging what it walks over: an integer may be
// negative or padded, which is what two vendors' certificates need.
type derReader struct{ rest []byte }

// next returns the next element's tag, content and whole encoding.
func (r *derReader) next() (tag byte, content, whole []byte, err error) {
	b := r.rest
	if len(b) < 2 {
		return 0, nil, nil, errDER
	}
	size, header := int(b[1]), 2
	if size >= 0x80 {
		n := size & 0x7f
		if n == 0 || n > 3 || len(b) < 2+n {
			return 0, nil, nil, errDER
		}
		size = 0
		for _, c := range b[2 : 2+n] {
			size = size<<8 | int(c)
		}
		header += n
	}
	if len(b)-header < size {
		return 0, nil, nil, errDER
	}
	r.rest = b[header+size:]
	return b[0], b[header : header+size], b[:header+size], nil
}

// want returns the content and the encoding of the next element if it has the
// tag.
func (r *derReader) want(tag byte) (content, whole []byte, err error) {
	got, content, whole, err := r.next()
	if err != nil {
		return nil, nil, err
	}
	if got != tag {
		return nil, nil, fmt.Errorf("tag %#x instead of %#x: %w", got, tag, errDER)
	}
	return content, whole, nil
}

// time reads either form of time.
func (r *derReader) time() (time.Time, error) {
	tag, content, _, err := r.next()
	if err != nil {
		return time.Time{}, err
	}
	switch tag {
	case tagUTCTime:
		return time.Parse("060102150405Z", string(content))
	case tagGeneralizedTime:
		return time.Parse("20060102150405Z", string(content))
	}
	return time.Time{}, errDER
}
