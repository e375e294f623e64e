package eko

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxBody bounds an answer; a mini statement has about 2 kB.
const maxBody = 1 << 20

// operation is one call from signing to outcome.
type operation struct {
	name string
	// strict refuses to send at all while this computer's clock is far off.
	strict   bool
	sign     SignRequest
	adopt    func(ctx context.Context, clientRefID string) error
	build    func(clientRefID string) call
	evidence Evidence
}

// reply is what one round trip brought.
type reply struct {
	sent   bool
	err    error
	status int
	header http.Header
	body   []byte
}

// do carries one operation out: connect, sign, write once, read, decide. The
// signature is made when the connection stands, so that it is fresh.
func (c *Client) do(ctx context.Context, op operation) Outcome {
	if skew, known := c.clock.measured(); op.strict && known && skew.Abs() > MaxSkew {
		return unsent(ReasonClockSkew, ErrSkew)
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	k, reused, err := c.line.take(ctx)
	if err != nil {
		op.evidence.Err = err
		return Decide(op.evidence)
	}
	op.sign.TimestampMS = c.clock.stampMS()
	signature, refusal := c.signed(ctx, &op)
	if refusal != nil {
		c.line.give(k)
		return *refusal
	}
	m, err := c.message(op.build(op.sign.ClientRefID), signature)
	if err != nil {
		c.line.give(k)
		return unsent(ReasonBadRequest, err)
	}
	defer m.wipe()
	r := c.send(ctx, k, m)
	for reused && r.err != nil && !r.sent {
		// The connection had been closed meanwhile and nothing was written to it: this
		// is still the first time that anything is sent.
		if k, reused, err = c.line.take(ctx); err != nil {
			r.err = err
			break
		}
		r = c.send(ctx, k, m)
	}
	return c.outcome(op, m, r)
}

// signed asks the signer and lets the caller adopt the partner's reference.
func (c *Client) signed(ctx context.Context, op *operation) (Signature, *Outcome) {
	signature, approval, err := c.cfg.Signer.Sign(ctx, op.sign)
	if err != nil {
		o := unsent(signRefusal(err), err)
		if refused, ok := errors.AsType[*HookRefusal](err); ok {
			o.EkoMessage = clean(refused.Message, maxText)
		}
		return Signature{}, &o
	}
	ref := approval.ClientRefID
	if ref == "" || ref == op.sign.ClientRefID {
		return signature, nil
	}
	err = errors.New("the hook named another client_ref_id, which can't be used now")
	if op.adopt != nil && referenceText.MatchString(ref) {
		err = op.adopt(ctx, ref)
	}
	if err != nil {
		o := unsent(ReasonNotAdopted, fmt.Errorf("adopt the hook's reference: %w", err))
		return Signature{}, &o
	}
	op.sign.ClientRefID, op.evidence.ClientRefID = ref, ref
	return signature, nil
}

func signRefusal(err error) string {
	if _, ok := errors.AsType[*HookRefusal](err); ok {
		return ReasonRefusedByHook
	}
	if errors.Is(err, ErrHook) {
		return ReasonHookUnavailable
	}
	return ReasonNotSigned
}

// message is a request ready to be written.
type message struct {
	method string
	url    *url.URL
	header http.Header
	body   []byte
}

// wipe overwrites the body, which holds a PID block.
func (m message) wipe() { clear(m.body) }

func (c *Client) message(k call, s Signature) (message, error) {
	u := *c.base
	u.Path += k.path
	u.RawQuery = k.query.Encode()
	m := message{method: k.method, url: &u, header: c.header(s)}
	if k.body != nil {
		body, err := marshal(k.body)
		if err != nil {
			return message{}, err
		}
		m.body = body
		m.header["Content-Type"] = []string{"application/json"}
	}
	return m, nil
}

// marshal writes JSON as Eko's samples have it: < and > stay as they are
// (eko-api.md section 4.1).
func marshal(body any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		return nil, fmt.Errorf("write the request: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// header spells the names as Eko does, lower case and with its underscores;
// http.Header.Set would change them.
func (c *Client) header(s Signature) http.Header {
	h := http.Header{
		"Accept":     {"application/json"},
		"User-Agent": {"biobridge"},
	}
	for name, value := range map[string]string{
		"developer_key":        c.cfg.DeveloperKey,
		"secret-key":           s.SecretKey,
		"secret-key-timestamp": s.Timestamp,
		"request_hash":         s.RequestHash,
	} {
		if value != "" {
			h[name] = []string{value}
		}
	}
	for name, value := range s.Extra {
		h[name] = []string{value}
	}
	return h
}

// send writes a message to one connection and reads the answer to its end.
func (c *Client) send(ctx context.Context, k *link, m message) reply {
	req := &http.Request{Method: m.method, URL: m.url, Host: m.url.Host, Header: m.header, ProtoMajor: 1, ProtoMinor: 1}
	if m.body != nil {
		req.Body = io.NopCloser(bytes.NewReader(m.body))
		req.ContentLength = int64(len(m.body))
	}
	k.wire.mark()
	resp, err := k.conn.RoundTrip(req.WithContext(ctx))
	if err != nil {
		sent := k.wire.seal()
		k.close()
		return reply{sent: sent, err: fmt.Errorf("send to %s: %w", m.url.Host, err)}
	}
	c.clock.read(resp.Header)
	r := reply{sent: true, status: resp.StatusCode, header: resp.Header}
	r.body, r.err = readBody(resp.Body)
	if r.err != nil || resp.Close {
		k.close()
	} else {
		c.line.give(k)
	}
	return r
}

// readBody reads an answer to its end, which is what proves it whole.
func readBody(body io.ReadCloser) ([]byte, error) {
	defer func() { _ = body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	if err != nil {
		return raw, fmt.Errorf("read the answer: %w", err)
	}
	if len(raw) > maxBody {
		return nil, fmt.Errorf("read the answer: %w: it is longer than 1 MiB", ErrAnswer)
	}
	return raw, nil
}

// outcome decides and adds what only the client knows.
func (c *Client) outcome(op operation, m message, r reply) Outcome {
	e := op.evidence
	e.Sent, e.Err, e.HTTPStatus, e.Body = r.sent, r.err, r.status, r.body
	o := Decide(e)
	o.RetryAfter = retryAfter(r.header.Get("Retry-After"), c.cfg.Now())
	o.scrub(op.sign.Aadhaar)
	o.Exchange = newExchange(m, r, op.sign.Aadhaar)
	c.cfg.Log.Info("eko call ended", "operation", op.name, "client_ref_id", op.sign.ClientRefID, "tid", o.TID,
		"http_status", o.HTTPStatus, "state", string(o.State), "reason", o.Reason, "sent", o.Sent)
	return o
}

// maxRetryAfter bounds what a server can make us wait.
const maxRetryAfter = 24 * time.Hour

func retryAfter(header string, now time.Time) time.Duration {
	var d time.Duration
	if seconds, err := strconv.Atoi(header); err == nil {
		d = time.Duration(min(seconds, int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		d = at.Sub(now)
	}
	return max(0, min(d, maxRetryAfter))
}
