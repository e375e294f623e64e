package wsapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"

	"github.com/creachadair/jrpc2"

	"biobridge/agent"
	"biobridge/agent/contract"
)

// method is one row of the API: who may call it and what it does. run reads
// every parameter it knows before it does anything.
type method struct {
	// anyOf are the scopes of which one is enough; none: every page may.
	anyOf []contract.Scope
	// held says that the call's ticket holds the work, so that its end must not
	// come from a context.
	held bool
	run  func(c *conn, ctx context.Context, call *call, params *object) (any, error)
}

// helloMethod comes first on every connection.
const helloMethod = "bridge.hello"

// methods is the whole API but for $/cancelRequest, which must not wait in line.
var methods = join(map[string]method{
	helloMethod: {run: (*conn).hello},

	"device.list":    {anyOf: scopes(contract.ScopeDevice), run: (*conn).deviceList},
	"device.inspect": {anyOf: scopes(contract.ScopeCapture), run: (*conn).deviceInspect},
	"capture":        {anyOf: scopes(contract.ScopeCapture), held: true, run: (*conn).capture},

	"aeps.cash_withdrawal": {anyOf: scopes(contract.ScopeTransact), held: true, run: transact(contract.CashWithdrawal)},
	"aeps.balance_enquiry": {anyOf: scopes(contract.ScopeTransact), held: true, run: transact(contract.BalanceEnquiry)},
	"aeps.mini_statement":  {anyOf: scopes(contract.ScopeTransact), held: true, run: transact(contract.MiniStatement)},
	"aeps.aadhaar_pay":     {anyOf: scopes(contract.ScopeTransact), held: true, run: transact(contract.AadhaarPay)},

	"transaction.get":     {anyOf: scopes(contract.ScopeTransact, contract.ScopeHistory), run: (*conn).transactionGet},
	"transaction.inquire": {anyOf: scopes(contract.ScopeTransact, contract.ScopeHistory), run: (*conn).transactionInquire},
	"transaction.receipt": {anyOf: scopes(contract.ScopeTransact, contract.ScopeHistory), run: (*conn).transactionReceipt},
	"transaction.list":    {anyOf: scopes(contract.ScopeHistory), run: (*conn).transactionList},
}, merchantMethods())

func join(a, b map[string]method) map[string]method {
	maps.Copy(a, b)
	return a
}

// Methods lists the names of the API's methods, sorted, without $/cancelRequest.
func Methods() []string { return slices.Sorted(maps.Keys(methods)) }

func scopes(list ...contract.Scope) []contract.Scope { return list }

// assigner gives every call to its connection.
type assigner struct{ c *conn }

func (a assigner) Assign(context.Context, string) jrpc2.Handler { return a.c.handle }

// handle runs one call to its answer.
func (c *conn) handle(ctx context.Context, req *jrpc2.Request) (result any, err error) {
	running := c.calls.find(req.ID())
	if running == nil {
		return nil, errClosed
	}
	defer c.calls.end(running.id)
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("call crashed", "method", safeName(req.Method()), "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			result, err = nil, c.explain(errors.New("the call crashed"))
		}
	}()
	result, err = c.dispatch(ctx, running, req)
	switch {
	case err == nil:
		return result, nil
	case c.ctx.Err() != nil:
		return nil, errClosed // nobody reads it any more
	case errors.Is(err, context.Canceled) && running.givenUp() && !methods[req.Method()].held:
		err = &fault{code: contract.CaptureCancelled, stem: "cancelled"}
	}
	return nil, c.explain(err)
}

// dispatch checks in this order: does he say who he is, is there such a method,
// may he call it, can the parameters be read.
func (c *conn) dispatch(ctx context.Context, running *call, req *jrpc2.Request) (any, error) {
	name := req.Method()
	if name != helloMethod && !c.hasGreeted() {
		return nil, &fault{code: contract.Unauthorized, stem: "hello_first"}
	}
	m, ok := methods[name]
	if !ok {
		return nil, &fault{code: contract.NotFound, rpc: jrpc2.MethodNotFound, stem: "unknown_method"}
	}
	if caller := c.caller(); len(m.anyOf) > 0 && !overlap(caller.Scopes, m.anyOf) {
		return nil, unauthorized(m.anyOf[0])
	}
	var raw json.RawMessage
	if err := req.UnmarshalParams(&raw); err != nil {
		return nil, badFrame(jrpc2.InvalidParams, "params", "params")
	}
	if !m.held {
		armed, cancel := running.arm(ctx)
		defer cancel()
		ctx = armed
	}
	return m.run(c, ctx, running, readObject(raw))
}

func overlap(have, want []contract.Scope) bool {
	return slices.ContainsFunc(want, func(s contract.Scope) bool { return slices.Contains(have, s) })
}

// explain words any error for this page. One that the agent doesn't know becomes
// an incident here and is logged with the number that the page gets; the agent has
// logged its own.
func (c *conn) explain(err error) *jrpc2.Error {
	texts, lang := c.server.cfg.Catalogue, c.language()
	if f, ok := errors.AsType[*fault](err); ok {
		return f.render(texts, lang)
	}
	if f, ok := errors.AsType[*fieldError](err); ok {
		return badField(f).render(texts, lang)
	}
	_, known := errors.AsType[*agent.Error](err)
	e := agent.AsError(err)
	if !known && e.Code == contract.Internal {
		c.log.Error("call failed", "reason", e.Key, "error", e.Err)
	}
	message, remedy := e.Text(texts, lang)
	return rpcError(rpcCodes[e.Code], e.Code, message, remedy, e.Details(texts, lang))
}

// cancelCall gives up a call of this connection. It comes as a call or as a
// notification, and past every call that waits.
func (c *conn) cancelCall(in request) {
	err := c.tryCancel(in)
	if in.ID == "" {
		return
	}
	if err != nil {
		_ = c.out.send(errorFrame(in.ID, c.explain(err)))
		return
	}
	_ = c.out.send(resultFrame(in.ID, map[string]bool{"cancelled": true}))
}

func (c *conn) tryCancel(in request) error {
	if !c.hasGreeted() {
		return &fault{code: contract.Unauthorized, stem: "hello_first"}
	}
	params := readObject(in.Params)
	id, given := params.require("id", "text")
	if given && !validID(id) {
		params.fail("id", wrongType, "text")
	}
	if err := params.end(); err != nil {
		return err
	}
	running := c.calls.find(string(id))
	if running == nil {
		return &fault{code: contract.NotFound, stem: "no_such_call"}
	}
	return running.giveUp()
}
