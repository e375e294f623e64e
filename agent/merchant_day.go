package agent

import (
	"context"
	"maps"
	"slices"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/agent/locale"
	"biobridge/eko"
)

// serviceWait bounds how long a merchant's status waits for Eko.
const serviceWait = 10 * time.Second

// Merchant tells how a merchant's day stands and what is due. Eko is asked about
// his service only, and where it can't be asked the answer says "unknown"; the
// rest is what this PC's journal knows. userCode may be empty where the
// configuration names the merchant.
// Errors: invalid_params (user_code), unavailable.
func (a *Agent) Merchant(ctx context.Context, c Caller, userCode string) (contract.Merchant, error) {
	m, err := a.merchant(ctx, c, userCode)
	if err != nil {
		return contract.Merchant{}, a.report(err)
	}
	return m, nil
}

func (a *Agent) merchant(ctx context.Context, c Caller, userCode string) (contract.Merchant, error) {
	userCode, err := a.merchantCode(userCode)
	if err != nil {
		return contract.Merchant{}, err
	}
	m := contract.Merchant{UserCode: userCode, Service: a.serviceOf(ctx, userCode)}
	// After Eko's answer, which may take seconds: midnight may have passed.
	now := a.cfg.Now()
	m.Day = journal.Day(now)
	today, err := a.cfg.Journal.MerchantDay(ctx, userCode, m.Day)
	if err != nil {
		return contract.Merchant{}, err
	}
	unclear := make(map[string]bool)
	for _, e := range today {
		unclear[e.What] = e.Result == journal.MerchantUnclear || e.Result == journal.MerchantSent && !a.stepUnderWay(userCode, e.ClientRefID)
		if e.What == string(contract.MerchantDaily) && e.Result == journal.MerchantDone {
			m.AuthenticatedToday, m.AuthenticatedAt = true, &e.At
		}
	}
	m.Unclear = slices.Contains(slices.Collect(maps.Values(unclear)), true)
	for _, step := range []contract.MerchantStep{contract.MerchantEKYCFinger, contract.MerchantRegister, contract.MerchantDaily} {
		done, err := a.doneEver(ctx, userCode, step)
		if err != nil {
			return contract.Merchant{}, err
		}
		// Who was let through the day's authentication has been through the eKYC.
		m.EKYCDone = m.EKYCDone || done
	}
	if a.cfg.Merchant.Token {
		_, fresh := a.tokens.fresh(c, userCode, now)
		m.TokenNeeded = !fresh
	}
	m.Due = merchantDue(m, a.cfg.Merchant.TwoFactor)
	return m, nil
}

// merchantDue lists what the merchant has to see to, in the order in which it can be
// done. A service of which Eko has said nothing is not held against him.
func merchantDue(m contract.Merchant, twoFactor bool) []contract.MerchantDue {
	list := []contract.MerchantDue{}
	if m.Service.State != contract.ServiceActivated && m.Service.State != contract.ServiceUnknown {
		list = append(list, contract.DueService)
	}
	switch {
	case m.EKYCDone:
	case twoFactor:
		list = append(list, contract.DueRegister)
	default:
		list = append(list, contract.DueEKYC)
	}
	if !m.AuthenticatedToday {
		list = append(list, contract.DueAuthenticate)
	}
	if m.TokenNeeded {
		list = append(list, contract.DueToken)
	}
	return list
}

// merchantCode settles which merchant is meant.
func (a *Agent) merchantCode(userCode string) (string, error) {
	switch configured := a.cfg.UserCode; {
	case configured != "" && userCode != "" && userCode != configured:
		return "", invalid("user_code", keyUserCodeDiffers)
	case configured != "":
		return configured, nil
	case !userCodeShape.MatchString(userCode):
		return "", invalid("user_code", keyBadUserCode)
	}
	return userCode, nil
}

// serviceOf asks Eko how the merchant's AePS service stands.
func (a *Agent) serviceOf(ctx context.Context, userCode string) contract.MerchantService {
	ctx, cancel := context.WithTimeout(ctx, serviceWait)
	defer cancel()
	s := contract.MerchantService{Code: a.cfg.Merchant.ServiceCode, State: contract.ServiceUnknown}
	services, err := a.cfg.Eko.Services(ctx, userCode)
	if err != nil {
		a.cfg.Log.Info("the merchant's service could not be asked for", "error", err)
		return s
	}
	s.State = contract.ServiceNotRequested
	for _, one := range services {
		if one.Code == s.Code {
			s.State = serviceState(one)
		}
	}
	return s
}

// serviceState words Eko's status (eko-api.md section 9).
func serviceState(s eko.ServiceState) string {
	switch s.Status {
	case 0:
		return contract.ServiceDeactivated
	case 1:
		return contract.ServiceActivated
	case 2:
		return contract.ServicePending
	}
	return contract.ServiceUnknown
}

// sentToday reports whether a step of today's, in India, stands at one of results.
func (a *Agent) sentToday(ctx context.Context, userCode string, step contract.MerchantStep, results ...journal.MerchantResult) (bool, error) {
	list, err := a.cfg.Journal.MerchantDay(ctx, userCode, journal.Day(a.cfg.Now()))
	return slices.ContainsFunc(list, func(e journal.MerchantEntry) bool {
		return e.What == string(step) && slices.Contains(results, e.Result)
	}), err
}

// lastUnclear reports whether nobody knows what became of today's last attempt
// at a step.
func (a *Agent) lastUnclear(ctx context.Context, userCode string, step contract.MerchantStep) (bool, error) {
	list, err := a.cfg.Journal.MerchantDay(ctx, userCode, journal.Day(a.cfg.Now()))
	unclear := false
	for _, e := range list {
		if e.What == string(step) {
			unclear = e.Result == journal.MerchantUnclear || e.Result == journal.MerchantSent
		}
	}
	return unclear, err
}

func (a *Agent) doneEver(ctx context.Context, userCode string, step contract.MerchantStep) (bool, error) {
	list, err := a.cfg.Journal.MerchantEver(ctx, userCode, string(step))
	return len(list) > 0, err
}

// stepUnderWay tells a step that is being sent now from one that was cut off.
func (a *Agent) stepUnderWay(userCode, ref string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.merchants[userCode] == ref
}

// merchantAuthDue reports whether the merchant of the configuration has to give
// his finger before the day's first withdrawal; the journal alone is asked.
func (a *Agent) merchantAuthDue(ctx context.Context) (bool, error) {
	if !a.cfg.Limits.RequireMerchantAuth || a.cfg.UserCode == "" {
		return false, nil
	}
	done, err := a.sentToday(ctx, a.cfg.UserCode, contract.MerchantDaily, journal.MerchantDone)
	return !done, err
}

// merchantFit refuses a withdrawal whose merchant has something to do first.
func (a *Agent) merchantFit(ctx context.Context, c Caller, r TransactRequest) error {
	if !r.Service.MovesMoney() {
		return nil
	}
	if a.cfg.Limits.RequireMerchantAuth {
		done, err := a.sentToday(ctx, r.UserCode, contract.MerchantDaily, journal.MerchantDone)
		switch {
		case err != nil:
			return err
		case !done:
			return fail(keyMerchantAuth, nil, nil).with("due", []contract.MerchantDue{contract.DueAuthenticate})
		}
	}
	if !a.wantsToken(r) {
		return nil
	}
	if _, fresh := a.tokens.fresh(c, r.UserCode, a.cfg.Now()); !fresh {
		return noToken()
	}
	return nil
}

// merchantAgain takes note of an answer by which Eko wants the merchant's finger
// once more today.
func (f *flight) merchantAgain(o eko.Outcome) {
	if !o.MerchantAgain() {
		return
	}
	a := f.a
	f.remarks = append(f.remarks, warning(warnMerchantAgain, nil))
	if _, err := a.cfg.Journal.LapseMerchant(a.calls, f.request.UserCode, string(contract.MerchantDaily)); err != nil {
		a.cfg.Log.Warn("the merchant's authentication could not be forgotten", "error", err)
	}
}

// LocaliseStep returns a step's result with its sentences in a language; what
// the catalogue doesn't have stays English.
func (a *Agent) LocaliseStep(r contract.MerchantResult, lang locale.Lang) contract.MerchantResult {
	c := a.cfg.Catalogue
	if lang == locale.English || c == nil {
		return r
	}
	stem := "eko." + r.Reason
	if _, ours := reasons[r.Reason]; ours {
		stem = "agent." + r.Reason
	}
	if r.State == contract.Succeeded {
		stem = "agent." + string(r.Step) + "_done"
	}
	if c.Has(lang, stem+".message") {
		r.Message, r.Remedy = c.Text(lang, stem+".message", r.Message, nil), c.Text(lang, stem+".remedy", r.Remedy, nil)
	}
	for i, w := range r.Warnings {
		r.Warnings[i] = localisePoint(c, lang, w)
	}
	return r
}
