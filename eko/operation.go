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

// operation is one call from signing to outcome.
type operation struct {
	name string
	// strict refuses to send at all while this computer's clock is far off.
	strict bool
	sign   SignRequest
	adopt  func(ctx context.Context, clientRefID string) error
	build  func(clientRefID string) call
	// keep, when set, sees the body of an answer.
	keep     func(body []byte)
	evidence Evidence
}

// signedSlowly is how long a signature may take before the connection that waits
// for it is looked at again: a partner's hook may think for seconds.
const signedSlowly = time.Second

// do carries one operation out: connect, sign, write once, read, decide. The
// signature is made when the connection stands, so that it is fresh.
func (c *Client) do(ctx context.Context, op operation) Outcome {
	if skew, known := c.clock.measured(); op.strict && known && skew.Abs() > MaxSkew {
		return op.unsent(ReasonClockSkew, ErrSkew)
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	w, err := c.line.take(ctx)
	if err != nil {
		return op.unsent(ReasonNotSent, err)
	}
	taken := time.Now()
	op.sign.TimestampMS = c.clock.stampMS()
	signature, refusal := c.signed(ctx, &op)
	if refusal != nil {
		c.line.give(w)
		return *refusal
	}
	if time.Since(taken) > signedSlowly && !w.alive() {
		w.close()
		if w, err = c.line.take(ctx); err != nil {
			return op.unsent(ReasonNotSent, err)
		}
	}
	m, err := c.message(op.build(op.sign.ClientRefID), signature)
	if err != nil {
		c.line.give(w)
		return op.unsent(ReasonBadRequest, err)
	}
	defer m.wipe()
	return c.outcome(op, m, c.send(ctx, w, m))
}

// signed asks the signer and lets the caller adopt the partner's reference.
func (c *Client) signed(ctx context.Context, op *operation) (Signature, *Outcome) {
	signature, approval, err := c.cfg.Signer.Sign(ctx, op.sign)
	if err != nil {
		err = op.sign.numbers().refusal(err)
		o := op.unsent(signRefusal(err), err)
		if refused, ok := asHookRefusal(err); ok {
			o.EkoMessage = refused.Message
		}
		return Signature{}, &o
	}
	ref := approval.ClientRefID
	if ref == "" || ref == op.sign.ClientRefID || op.sign.Service.onlyAsks() {
		return signature, nil
	}
	err = errors.New("the hook named another client_ref_id, which can't be used now")
	if op.adopt != nil && referenceText.MatchString(ref) {
		err = op.adopt(ctx, ref)
	}
	if err != nil {
		o := op.unsent(ReasonNotAdopted, fmt.Errorf("adopt the hook's reference: %w", err))
		return Signature{}, &o
	}
	op.sign.ClientRefID, op.evidence.ClientRefID = ref, ref
	return signature, nil
}

// unsent is the outcome of a call that ended before anything could leave. What it
// means is settled like everything else: an inquiry that was never put says
// nothing about the transaction it was to ask about.
func (op operation) unsent(reason string, err error) Outcome {
	return Outcome{Err: err}.with(op.evidence.settle(verdict{Failed, reason}))
}

func signRefusal(err error) string {
	if _, ok := asHookRefusal(err); ok {
		return ReasonRefusedByHook
	}
	if errors.Is(err, ErrHook) {
		return ReasonHookUnavailable
	}
	return ReasonNotSigned
}

// userAgent tells Eko's support who is speaking.
const userAgent = "biobridge"

const (
	contentJSON = "application/json"
	contentForm = "application/x-www-form-urlencoded"
)

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
	switch {
	case k.form != nil:
		m.body = []byte(k.form.Encode())
		m.header["Content-Type"] = []string{contentForm}
	case k.body != nil:
		body, err := marshal(k.body)
		if err != nil {
			return message{}, err
		}
		m.body = body
		m.header["Content-Type"] = []string{contentJSON}
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
		"Accept":     {contentJSON},
		"User-Agent": {userAgent},
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

// send makes the one call of a message on one connection.
func (c *Client) send(ctx context.Context, w *wire, m message) reply {
	req := &http.Request{Method: m.method, URL: m.url, Host: m.url.Host, Header: m.header, ProtoMajor: 1, ProtoMinor: 1}
	if m.body != nil {
		req.Body = io.NopCloser(bytes.NewReader(m.body))
		req.ContentLength = int64(len(m.body))
	}
	r := w.call(ctx, req)
	if r.status != 0 {
		c.clock.read(r.header, time.Since(r.headAt))
	}
	if r.reusable {
		c.line.give(w)
	} else {
		w.close()
	}
	return r
}

// outcome decides and adds what only the client knows.
func (c *Client) outcome(op operation, m message, r reply) Outcome {
	e := op.evidence
	e.Sent, e.Err, e.HTTPStatus, e.Body = r.sent, r.err, r.status, r.body
	o := Decide(e)
	if op.keep != nil && r.err == nil {
		op.keep(r.body)
	}
	o.RetryAfter = retryAfter(r.header.Get("Retry-After"), c.cfg.Now())
	if o.Causes = c.refused(op, m, r); len(o.Causes) > 0 {
		o = c.blame(op, o)
	}
	o.scrub(op.sign.numbers())
	o.Exchange = newExchange(m, r, op.sign.numbers())
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
