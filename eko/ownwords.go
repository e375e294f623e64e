package eko

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// sayings are errors whose text is this computer's own and always the same.
var sayings = []error{
	context.DeadlineExceeded, context.Canceled, os.ErrDeadlineExceeded,
	io.ErrUnexpectedEOF, io.EOF, net.ErrClosed,
}

// ownWords keeps of an error what this computer says of its network: addresses,
// time-outs, the end of a connection. Everything else becomes [ErrAnswer] and a
// sentence, because net/http's errors quote the line they stumble over, and that
// line may be an answer with somebody's Aadhaar number in it.
func ownWords(err error, sentence string) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	for _, saying := range sayings {
		if errors.Is(err, saying) {
			return saying
		}
	}
	return fmt.Errorf("%w: %s", ErrAnswer, sentence)
}

// ErrTLS says that no secure connection came about; the error around it says why
// and never what the certificate holds.
var ErrTLS = errors.New("connection can't be secured")

// handshakeWords says why a TLS handshake failed, without the names that stand in
// the other side's certificate.
func handshakeWords(err error) error {
	because := func(sentence string) error { return fmt.Errorf("%w: %s", ErrTLS, sentence) }
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return because("the certificate is for another name")
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return because("the certificate is signed by an authority that is not trusted here")
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if invalid.Reason == x509.Expired {
			return because("the certificate has expired or is not valid yet, or this computer's clock is wrong")
		}
		return because("the certificate is not valid")
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return because("the certificate can't be verified")
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return because("the other side does not speak TLS")
	}
	if own := ownWords(err, ""); !errors.Is(own, ErrAnswer) {
		return own
	}
	return because("the other side breaks the rules of TLS, or offers only old versions of it")
}
