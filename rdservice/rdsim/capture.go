package rdsim

import (
	"context"
	"strings"
)

// capture answers CAPTURE with PidData, on failure as on success (rd-service.md
// section 4). left says that the client went away before there was an answer.
func (s *Server) capture(ctx context.Context, c call) (pidData *node, left bool) {
	code, info := s.refuse(c)
	if code == codeOK {
		var block *block
		block, code, left = s.scan(ctx, c)
		if left {
			return nil, true
		}
		if block != nil {
			s.update(c.entry, func(q *Request) { q.ErrCode = codeOK })
			return block.pidData(s), false
		}
	}
	s.update(c.entry, func(q *Request) { q.ErrCode = code })
	return s.failure(code, info), false
}

// refuse returns why a capture does not even begin, or codeOK.
func (s *Server) refuse(c call) (code, info string) {
	switch {
	case c.path != s.profile.ServedCapturePath():
		return codeWrongURL, ""
	case c.fault.Name == faultError:
		code, info, _ := strings.Cut(c.fault.Arg, ":")
		if code == "" {
			code, info = codeInternal, "No internet connection to the management server"
		}
		return code, info
	case c.fault.Name == faultUsed:
		return codeBusy, ""
	case s.profile.Has(Unregistered):
		return codeInternal, infoUnregistered
	}
	return codeOK, ""
}

// scan holds the scanner while it waits for a finger, and makes the block. A nil
// block goes with the code of why there is none.
func (s *Server) scan(ctx context.Context, c call) (b *block, code string, left bool) {
	options, code := s.profile.parseOptions(c.body)
	if code != codeOK {
		return nil, code, false
	}
	code, gone := s.claim()
	if code != codeOK {
		return nil, code, false
	}
	defer s.release()
	s.interrupt(c.fault)
	waiting := ctx
	if c.fault.Name == faultLate {
		waiting = context.WithoutCancel(ctx)
	}
	code, err := s.waitForFinger(waiting, options.timeout, gone)
	if err != nil {
		return nil, "", true
	}
	if code != codeOK {
		return nil, code, false
	}
	if b, err = s.makeBlock(options, c.fault); err != nil {
		s.opts.Log.Error("simulated RD service could not seal a block", "error", err)
		return nil, codeInternal, false
	}
	return b, codeOK, ctx.Err() != nil
}

// interrupt lets happen what happens in the middle of a capture.
func (s *Server) interrupt(f Fault) {
	switch f.Name {
	case faultUnplugged:
		s.Unplug()
	case faultRestart:
		s.restartSoon(false)
	}
}
