package agent_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/eko"
	"biobridge/eko/ekosim"
)

func TestAgent_Merchant_Token(t *testing.T) {
	sh, clock := counter(t, ekosim.Rules{MerchantAuth: true}, func(c *agent.Config) {
		requireDaily(c)
		c.Merchant.Token = true
	}, "v2")
	if res := sh.step(sita(t, "")); res.Step != contract.MerchantDaily || res.State != contract.Succeeded {
		t.Fatalf("the first one of the day: %+v", res)
	}
	if m := sh.merchant(); !m.TokenNeeded || !slices.Equal(m.Due, []contract.MerchantDue{contract.DueToken}) {
		t.Errorf("status: %+v", m)
	}
	before := sh.captures()
	if e := sh.refused(withdraw(t, 500), contract.MerchantAuthRequired); e.Reason() != "merchant_token_required" || sh.captures() != before {
		t.Errorf("without: %s, %d captures", e.Reason(), sh.captures()-before)
	}
	res := sh.step(sita(t, ""))
	if res.Step != contract.MerchantToken || res.State != contract.Succeeded || res.ReferenceTID != "" {
		t.Fatalf("before the withdrawal: %+v", res)
	}
	sh.stepRefused(sita(t, ""), contract.RequestConflict) // one lies ready
	balance := withdraw(t, 0)
	balance.Service = contract.BalanceEnquiry
	if tx := sh.transact(balance); tx.State != contract.Succeeded {
		t.Errorf("a balance needs none: %s", tx.State)
	}
	other := agent.Caller{Origin: "https://other.example", User: "shop"}
	_, err := sh.agent.Transact(t.Context(), other, withdraw(t, 500), agent.NewTicket(), nil)
	sh.is(contract.Transaction{}, err, contract.MerchantAuthRequired)
	if tx := sh.transact(withdraw(t, 500)); tx.State != contract.Succeeded {
		t.Fatalf("with it: %s (%s)", tx.State, tx.Message)
	}
	sh.refused(withdraw(t, 600), contract.MerchantAuthRequired) // it is used up
	sh.step(sita(t, ""))
	clock.move(75 * time.Second)
	sh.refused(withdraw(t, 600), contract.MerchantAuthRequired)
	if m := sh.merchant(); !m.TokenNeeded {
		t.Errorf("after its time: %+v", m)
	}
}

// TestAgent_Merchant_TokenRunsOut: the customer takes so long that it ends
// between the two fingers. Nothing is sent.
func TestAgent_Merchant_TokenRunsOut(t *testing.T) {
	sh, clock := counter(t, ekosim.Rules{MerchantAuth: true}, func(c *agent.Config) {
		c.Merchant.Token, c.Merchant.TokenTTL = true, 30*time.Second
	}, "v2")
	sh.step(sita(t, contract.MerchantToken))
	r := withdraw(t, 500)
	r.ClientRefID = "SLOW"
	_, err := sh.agent.Transact(t.Context(), page, r, agent.NewTicket(), func(p contract.CaptureProgress) {
		if p.Stage == contract.StageCaptured {
			clock.move(31 * time.Second)
		}
	})
	sh.is(contract.Transaction{}, err, contract.MerchantAuthRequired)
	if tx, err := sh.agent.Get(t.Context(), page, "SLOW"); err != nil || tx.State != contract.Abandoned || sh.eko.Attempts("SLOW") != 0 {
		t.Errorf("on record: %s, %v, sent %d times", tx.State, err, sh.eko.Attempts("SLOW"))
	}
}

// moody is a partner's hook that refuses when it is told to.
type moody struct {
	eko.Signer
	check, sign atomic.Bool
}

var errNo = &eko.HookRefusal{Message: "not today"}

func (m *moody) Check(context.Context, eko.SignRequest) (eko.Approval, error) {
	if m.check.Load() {
		return eko.Approval{}, errNo
	}
	return eko.Approval{}, nil
}

func (m *moody) Sign(ctx context.Context, r eko.SignRequest) (eko.Signature, eko.Approval, error) {
	if m.sign.Load() {
		return eko.Signature{}, eko.Approval{}, errNo
	}
	return m.Signer.Sign(ctx, r)
}

// TestAgent_Merchant_Hook: the partner's no comes before the merchant's finger; a
// later one leaves nothing unclear, and a token of which no byte left is still
// good.
func TestAgent_Merchant_Hook(t *testing.T) {
	m := &moody{}
	sh := openShop(t, setup{
		config: func(c *agent.Config) { c.Merchant.Token = true },
		eko:    func(o *ekosim.Options) { o.Rules.MerchantAuth = true },
		client: func(c *eko.Config) { m.Signer, c.Signer = c.Signer, m },
	})
	m.check.Store(true)
	sh.stepRefused(sita(t, contract.MerchantToken), contract.RefusedByHook)
	if sh.captures() != 0 {
		t.Error("the finger was taken before the partner was asked")
	}
	m.check.Store(false)
	m.sign.Store(true)
	sh.stepRefused(sita(t, contract.MerchantToken), contract.RefusedByHook)
	if s := sh.merchant(); s.Unclear || sh.asked(ekosim.MerchantAuth) != 0 {
		t.Errorf("after a late no: %+v", s)
	}
	m.sign.Store(false)
	sh.step(sita(t, contract.MerchantToken))
	m.sign.Store(true)
	sh.refused(withdraw(t, 500), contract.RefusedByHook)
	m.sign.Store(false)
	if tx := sh.transact(withdraw(t, 500)); tx.State != contract.Succeeded {
		t.Errorf("with the token that was not sent: %s (%s)", tx.State, tx.Message)
	}
	sh.refused(withdraw(t, 600), contract.MerchantAuthRequired)
}
